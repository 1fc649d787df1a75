/** The death of web workers as another worker hears of it. */
import "../suites/deaths.js";
