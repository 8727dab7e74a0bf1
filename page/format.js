/** Numbers and dates as people read them, in their own language. Pure. */

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"];

/**
 * @param {string} locale  a BCP 47 tag
 * @param {string} [zone]  an IANA time zone; the reader's own by default
 */
export function formats(locale, zone) {
  const number = (/** @type {number} */ value, /** @type {Intl.NumberFormatOptions} */ options) =>
    new Intl.NumberFormat(locale, options).format(value);

  const size = (/** @type {number} */ value, /** @type {string} */ per) => {
    // By 1024, as S3 counts its 5 GB and Windows shows sizes.
    const power = Math.min(3, Math.floor(Math.log2(Math.max(1, value)) / 10));
    const digits = { maximumFractionDigits: power > 1 ? 1 : 0 };
    const amount = value / 1024 ** power;
    // These are the same in every language, and the first unit that Intl is asked for takes
    // it 20 ms on a phone: longer than all else that the page does before it is ready.
    if (power && !per) return `${number(amount, digits)} ${" kMG"[power]}B`;
    return number(amount, {
      ...digits,
      style: "unit",
      unit: UNITS[power] + per,
      unitDisplay: power ? "short" : "long",
    });
  };

  const part = (/** @type {number} */ value, /** @type {string} */ unit) =>
    number(value, { style: "unit", unit, unitDisplay: "long" });

  return {
    /** @param {number} value */
    bytes: (value) => size(value, ""),
    /** @param {number} value  bytes per second */
    speed: (value) => size(value, "-per-second"),
    /** @param {number} value  1 is all */
    percent: (value) => number(Math.floor(value * 100) / 100, { style: "percent" }),
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
