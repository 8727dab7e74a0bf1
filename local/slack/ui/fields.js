/** What can be chosen or filled in. */

import { confirmed } from "./confirm.js";
import { fromLocal, toLocal } from "./dates.js";
import { h } from "./dom.js";

/** @typedef {Record<string, any>} Json */
/** @typedef {import("./elements.js").Hands} Hands */

/** @type {Record<string, string>} */
const TYPES = {
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
  number_input: "number",
  email_text_input: "email",
  url_text_input: "url",
};

/**
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
export function drawField(element, block, hands) {
  const held = hands.filled?.[block.block_id]?.[element.action_id];
  const before = held?.type === element.type ? held : null;
  if (/checkboxes|radio/.test(element.type)) return choices(element, block, hands, before);
  if (/select/.test(element.type)) return select(element, block, hands, before);
  return field(element, block, hands, before);
}

/**
 * @param {Json} element
 * @param {Hands} hands
 * @returns {Json[]}
 */
function optionsOf(element, hands) {
  if (element.options) return element.options;
  if (element.option_groups) {
    return element.option_groups.flatMap((/** @type {Json} */ group) => group.options);
  }
  const known = /users/.test(element.type) ? hands.people : placesFor(element, hands);
  return known.map(({ id, name }) => ({ value: id, text: { type: "plain_text", text: name } }));
}

/**
 * The conversations that an element lets one choose.
 *
 * @param {Json} element
 * @param {Hands} hands
 * @returns {Hands["places"]}
 */
function placesFor(element, hands) {
  const wanted = element.filter ?? {};
  const kinds = /channels/.test(element.type) ? ["public"] : wanted.include;
  return hands.places.filter(
    ({ kind, app }) =>
      (!kinds || kinds.includes(kind)) && !(wanted.exclude_bot_users && kind === "im" && app),
  );
}

/**
 * What a select sends: a plain id for people and places, else the whole option.
 *
 * @param {Json} element
 * @param {Json[]} chosen
 * @returns {Json}
 */
function selection(element, chosen) {
  const what = /users|conversations|channels/.exec(element.type)?.[0].slice(0, -1);
  const values = what ? chosen.map((option) => option.value) : chosen;
  const name = `selected_${what ?? "option"}`;
  return element.type.startsWith("multi_") || element.type === "checkboxes"
    ? { [`${name}s`]: values }
    : { [name]: values[0] ?? null };
}

/**
 * The values that are chosen at first: as filled in before, or as the app wants it.
 *
 * @param {Json} element
 * @param {Json | null} before
 * @param {Hands} hands
 * @returns {string[]}
 */
function chosenFirst(element, before, hands) {
  const from = before ?? element;
  const lead = before ? "selected" : "initial";
  const names = ["option", "options", "user", "users", "channel", "channels"].map(
    (name) => from[`${lead}_${name}`],
  );
  const here = before ? null : element.default_to_current_conversation && hands.current;
  const all = [...names, from[`${lead}_conversation`] ?? here, from[`${lead}_conversations`]];
  return all.flat().flatMap((one) => (one ? [one.value ?? one] : []));
}

/**
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @param {Json | null} before
 * @returns {HTMLElement}
 */
function select(element, block, hands, before) {
  const options = optionsOf(element, hands);
  const several = element.type.startsWith("multi_");
  const first = chosenFirst(element, before, hands);
  const drawn = h(
    "select",
    { multiple: several, "aria-label": block.label?.text ?? element.placeholder?.text ?? "Choose" },
    several ? null : h("option", { value: "" }, element.placeholder?.text ?? "Choose …"),
    options.map((option) =>
      h(
        "option",
        { value: option.value, selected: first.includes(option.value) },
        option.text.text,
      ),
    ),
  );
  const read = () =>
    selection(
      element,
      [...drawn.selectedOptions].flatMap((taken) => options.filter((o) => o.value === taken.value)),
    );
  return connected(drawn, element, block, hands, read);
}

/**
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @param {Json | null} before
 * @returns {HTMLElement}
 */
function choices(element, block, hands, before) {
  const type = element.type === "checkboxes" ? "checkbox" : "radio";
  const first = chosenFirst(element, before, hands);
  const boxes = /** @type {Json[]} */ (element.options).map((option) => ({
    option,
    input: h("input", {
      type,
      name: `${block.block_id}.${element.action_id}`,
      checked: first.includes(option.value),
    }),
  }));
  const drawn = h(
    "div",
    { class: "choices", role: "group", "aria-label": block.label?.text },
    boxes.map(({ option, input }) =>
      h(
        "label",
        {},
        input,
        h(
          "span",
          {},
          option.text.text,
          option.description && h("small", {}, option.description.text),
        ),
      ),
    ),
  );
  const read = () =>
    selection(
      element,
      boxes.filter(({ input }) => input.checked).map(({ option }) => option),
    );
  return connected(drawn, element, block, hands, read);
}

/**
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @param {Json | null} before
 * @returns {HTMLElement}
 */
function field(element, block, hands, before) {
  const moment = element.type === "datetimepicker";
  const first = before
    ? (before.value ?? before.selected_date ?? before.selected_time ?? before.selected_date_time)
    : (element.initial_value ??
      element.initial_date ??
      element.initial_time ??
      element.initial_date_time);
  const value = moment && first ? toLocal(first, hands.viewer.tz) : (first ?? "");
  const common = {
    placeholder: element.placeholder?.text,
    "aria-label": block.label?.text,
    minlength: element.min_length,
    maxlength: element.max_length,
    required: block.type === "input" && !block.optional,
    autofocus: element.focus_on_load,
  };
  const drawn = element.multiline
    ? h("textarea", { ...common, rows: 4 }, value)
    : h("input", {
        ...common,
        type: TYPES[element.type] ?? "text",
        min: element.min_value,
        max: element.max_value,
        step: element.is_decimal_allowed ? "any" : undefined,
        value,
      });
  const read = () => {
    const now = drawn.value || null;
    if (element.type === "datepicker") return { selected_date: now };
    if (element.type === "timepicker") return { selected_time: now };
    if (moment) return { selected_date_time: now && fromLocal(now, hands.viewer.tz) };
    return { value: now };
  };
  return connected(drawn, element, block, hands, read);
}

/**
 * Tell the app of a change at once, or keep the value until the modal is sent.
 *
 * @param {HTMLElement} drawn
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @param {() => Json} read
 * @returns {HTMLElement}
 */
function connected(drawn, element, block, hands, read) {
  hands.values?.set(JSON.stringify([block.block_id, element.action_id, element.type]), read);
  if (block.type === "input" && !block.dispatch_action) return drawn;
  const tell = async () => {
    if (await confirmed(element)) await hands.use(element, block, read());
  };
  if (!/_input$/.test(element.type)) {
    drawn.addEventListener("change", tell);
    return drawn;
  }
  const when = element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"];
  if (when.includes("on_character_entered")) drawn.addEventListener("input", tell);
  if (when.includes("on_enter_pressed")) {
    drawn.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault(); // it tells the app, and does not send the modal
      tell();
    });
  }
  return drawn;
}
