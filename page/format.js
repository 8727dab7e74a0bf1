/** Numbers and dates as people read them, in their own language. Pure. */

/**
 * @param {string} locale  a BCP 47 tag
 * @param {string} [zone]  an IANA time zone; the reader's own by default
 */
export function formats(locale, zone) {
  // Each is dear, in time and in memory, and is asked several times a second.
  /** @type {Record<string, Intl.NumberFormat>} */
  const made = {};
  /** A number and its unit stay on one line. */
  const part = (/** @type {number} */ value, /** @type {string} */ unit) => {
    made[unit] ??= new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "long" });
    return made[unit].format(value).replace(" ", "\u00a0");
  };

  /**
   * By 1024, as S3 counts its 5 GB and Windows shows sizes, and the same in every language of
   * ours. Intl is not asked before the page is ready: its first answer takes 100 ms on a phone,
   * as long as all else that the page does until then.
   *
   * @param {number} value
   * @param {string} unit  of less than 1024
   * @param {string} [per]
   */
  const sized = (value, unit, per = "") => {
    // What would be rounded to 1024 is 1 of the next.
    const power = Math.min(4, Math.floor(Math.log2(Math.max(1, value * 1.00049)) / 10));
    const amount = +(value / 2 ** (10 * power)).toFixed(power > 1 ? 1 : 0);
    return power ? `${amount}\u00a0${" kMGT"[power]}B${per}` : part(amount, unit);
  };

  return {
    /** @param {number} value */
    bytes: (value) => sized(value, "byte"),
    /** @param {number} value  bytes per second */
    speed: (value) => sized(value, "byte-per-second", "/s"),
    /** @param {number} value  1 is all */
    percent: (value) => `${Math.floor(value * 100)}%`,
    /**
     * The two greatest units; rough where nobody could know better.
     *
     * @param {number} seconds
     */
    duration: (seconds) => {
      if (seconds < 60) return part(Math.ceil(seconds), "second");
      const minutes = Math.ceil(seconds / 60);
      if (minutes < 60) return part(minutes, "minute");
      const list = [part(Math.floor(minutes / 60), "hour")];
      if (minutes % 60) list.push(part(minutes % 60, "minute"));
      return new Intl.ListFormat(locale, { type: "unit", style: "short" }).format(list);
    },
    /** @param {number} ms  since 1970 */
    time: (ms) =>
      new Intl.DateTimeFormat(locale, {
        weekday: "short",
        year: "numeric",
        month: "short",
        day: "numeric",
        hour: "numeric",
        minute: "2-digit",
        timeZone: zone,
      }).format(ms),
  };
}
