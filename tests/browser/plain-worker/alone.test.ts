/** What a worker that is not cross-origin isolated can do. */
import "../suites/alone.js";
