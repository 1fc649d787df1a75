/** What a worklet that is not cross-origin isolated can do. */
import "../suites/alone.js";
