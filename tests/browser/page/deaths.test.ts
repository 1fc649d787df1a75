/** The death of web workers as a page hears of it. */
import "../suites/deaths.js";
