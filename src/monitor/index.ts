/** The door `lookaside/monitor`: a page that shows a running system. For Node and its kin. */
export { type Monitor, serveMonitor } from "./monitor.js";
export { MONITOR_PORT, type MonitorOptions } from "./options.js";
