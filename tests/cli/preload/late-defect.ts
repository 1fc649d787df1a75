/** Breaks the drawing of `lookaside top` from the signal SIGUSR2 on, as a defect would. */
process.on("SIGUSR2", () => {
  Date.prototype.getHours = () => {
    throw new Error("a late defect");
  };
});
