/** What can be pressed, chosen or filled in. */

import { byId, h } from "./dom.js";

/** @typedef {Record<string, any>} Json */
/**
 * What elements need to know: who could be chosen, and how to tell the app.
 *
 * @typedef {{ people: { id: string, name: string }[], conversations: { id: string, name: string }[],
 *   current: string,
 *   use: (element: Json, block: Json, chosen: Json) => Promise<string | null>,
 *   values?: Map<string, () => Json> }} Hands
 */

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
export function drawElement(element, block, hands) {
  if (element.type === "button") return button(element, block, hands);
  if (element.type === "image") {
    return h("img", { class: "thumbnail", src: element.image_url, alt: element.alt_text });
  }
  const control = /checkboxes|radio/.test(element.type)
    ? choices(element, block, hands)
    : /select|overflow/.test(element.type)
      ? select(element, block, hands)
      : field(element, block, hands);
  return control;
}

/**
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
function button(element, block, hands) {
  const name = { "aria-label": element.accessibility_label };
  const look = { class: `button ${element.style ?? ""}` };
  const drawn = element.url
    ? h(
        "a",
        { ...look, ...name, href: element.url, target: "_blank", rel: "noopener noreferrer" },
        element.text.text,
      )
    : h("button", { ...look, ...name, type: "button" }, element.text.text);
  const place = h("span", { class: "pressable" }, drawn);
  drawn.addEventListener("click", async () => {
    if (!element.url && element.confirm && !(await confirmed(element.confirm))) return;
    place.querySelector(".trouble")?.remove();
    const error = await hands.use(element, block, {});
    if (error) place.append(trouble(error));
  });
  return place;
}

/**
 * The warning beside a button whose app did not answer.
 *
 * @param {string} error
 * @returns {HTMLElement}
 */
function trouble(error) {
  const text = `The app did not respond (${error})`;
  return h("span", { class: "trouble", role: "img", "aria-label": text, title: text }, "⚠");
}

/**
 * Ask before pressing, in the words of the app.
 *
 * @param {Json} confirm
 * @returns {Promise<boolean>}
 */
function confirmed(confirm) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  dialog.replaceChildren(
    h(
      "form",
      { method: "dialog" },
      h("h2", {}, confirm.title.text),
      h("p", {}, confirm.text.text),
      h(
        "div",
        { class: "buttons" },
        h("button", { class: "button", value: "" }, confirm.deny.text),
        h(
          "button",
          { class: `button ${confirm.style ?? "primary"}`, value: "yes" },
          confirm.confirm.text,
        ),
      ),
    ),
  );
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
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
  const known = /users/.test(element.type) ? hands.people : hands.conversations;
  return known.map(({ id, name }) => ({ value: id, text: { type: "plain_text", text: name } }));
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
 * @param {Json} element
 * @param {Json} block
 * @param {Hands} hands
 * @returns {HTMLElement}
 */
function select(element, block, hands) {
  const options = optionsOf(element, hands);
  const several = element.type.startsWith("multi_");
  const first =
    element.initial_option?.value ??
    element.initial_conversation ??
    element.initial_channel ??
    element.initial_user ??
    (element.default_to_current_conversation ? hands.current : undefined);
  const drawn = h(
    "select",
    { multiple: several, "aria-label": block.label?.text ?? element.placeholder?.text ?? "Choose" },
    several ? null : h("option", { value: "" }, element.placeholder?.text ?? "Choose …"),
    options.map((option) =>
      h("option", { value: option.value, selected: option.value === first }, option.text.text),
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
 * @returns {HTMLElement}
 */
function choices(element, block, hands) {
  const type = element.type === "checkboxes" ? "checkbox" : "radio";
  const initial = [...(element.initial_options ?? []), element.initial_option].map((o) => o?.value);
  const boxes = /** @type {Json[]} */ (element.options).map((option) => ({
    option,
    input: h("input", {
      type,
      name: `${block.block_id}.${element.action_id}`,
      checked: initial.includes(option.value),
    }),
  }));
  const drawn = h(
    "div",
    { class: "choices", role: "group", "aria-label": block.label?.text },
    boxes.map(({ option, input }) => h("label", {}, input, h("span", {}, option.text.text))),
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
 * @returns {HTMLElement}
 */
function field(element, block, hands) {
  const common = {
    placeholder: element.placeholder?.text,
    "aria-label": block.label?.text,
    minlength: element.min_length,
    maxlength: element.max_length,
    required: block.type === "input" && !block.optional,
    autofocus: element.focus_on_load,
  };
  const value = element.initial_value ?? element.initial_date ?? element.initial_time ?? "";
  const drawn = element.multiline
    ? h("textarea", { ...common, rows: 4 }, value)
    : h("input", { ...common, type: TYPES[element.type] ?? "text", value });
  const read = () => {
    const now = drawn.value || null;
    if (element.type === "datepicker") return { selected_date: now };
    if (element.type === "timepicker") return { selected_time: now };
    if (element.type === "datetimepicker") {
      return { selected_date_time: now && Math.floor(Date.parse(now) / 1000) };
    }
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
  if (block.type !== "input" || block.dispatch_action) {
    drawn.addEventListener("change", () => hands.use(element, block, read()));
  }
  return drawn;
}
