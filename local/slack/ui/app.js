/** The page: who looks where, kept in step with the stand-in. */

import * as api from "./api.js";
import { composer, noComposer } from "./composer.js";
import { byId, h } from "./dom.js";
import { MessageList } from "./messages.js";
import { showModal } from "./modal.js";
import { drawSidebar, nameOf, signOf } from "./sidebar.js";

/** @typedef {import("./api.js").Channel} Channel */
/** @typedef {import("./api.js").Message} Message */

/** Commands of Slack's own that this page knows. */
const OWN_COMMANDS = [
  { command: "/invite", usage_hint: "@upload-link", description: "Add the app to this channel" },
];

const channelList = new MessageList(byId("messages"));
const threadList = new MessageList(byId("replies"));

/** @type {import("./api.js").Workspace} */
let workspace;
/** @type {Message[]} */
let seen = [];
let who = "ann";
let where = "";
/** @type {string | null} */
let thread = null;
/** The revision of the workspace that the page shows. */
let shown = 0;
let atEnd = true;
/** @type {Set<string>} */
const unread = new Set();

/** @returns {Channel} */
function here() {
  const channel = workspace.channels.find(({ id }) => id === where) ?? workspace.channels[0];
  if (!channel) throw new Error("This person is in no channel.");
  return channel;
}

/** @returns {import("./api.js").User} */
function viewer() {
  const you = workspace.users.find(({ id }) => id === workspace.you);
  if (!you) throw new Error("The workspace does not know you.");
  return you;
}

/** @returns {import("./mrkdwn.js").Reader} */
function reader() {
  const user = (/** @type {string} */ id) =>
    workspace.users.find((known) => known.id === id)?.profile.display_name ?? id;
  const channel = (/** @type {string} */ id) =>
    workspace.channels.find((known) => known.id === id)?.name ?? "private-channel";
  return { viewer: viewer(), user, channel };
}

/**
 * @param {Message | null} message
 * @returns {import("./elements.js").Hands}
 */
function hands(message) {
  return {
    people: workspace.users
      .filter((user) => !user.is_bot)
      .map(({ id, real_name }) => ({ id, name: real_name })),
    conversations: workspace.channels.map((channel) => ({
      id: channel.id,
      name: `${signOf(channel)}${nameOf(channel, workspace)}`,
    })),
    current: where,
    use: async (element, block, chosen) => {
      if (!message) return null;
      const { action_id, value } = element;
      const ask = { user: who, channel: where, ts: message.ts, action_id, value, chosen };
      return (await api.act("click", { ...ask, block_id: block.block_id })).error;
    },
  };
}

/** Read the workspace again, and draw everything that depends on it. */
async function refresh() {
  workspace = await api.workspace(who);
  where = here().id;
  unread.delete(where);
  byId("team").textContent = workspace.team;
  drawSidebar(workspace, { who, where, unread }, { look, become });
  drawBar();
  drawComposer();
  await Promise.all([refreshMessages(), refreshView()]);
}

function drawBar() {
  const channel = here();
  const name = nameOf(channel, workspace);
  document.title = `${name} · Local Slack`;
  byId("title").textContent = `${signOf(channel)}${name}`;
  byId("topic").textContent = channel.topic?.value ?? "";
  const app = workspace.users.find((user) => user.in_app)?.name ?? "app";
  byId("presence").textContent =
    channel.kind === "im" ? "" : channel.bot ? `@${app} is here` : `@${app} is not here`;
  byId("beginning").replaceChildren(
    h("p", { class: "beginning-title" }, `This is the beginning of ${signOf(channel)}${name}.`),
    ...(channel.may_type ? [suggestion("/upload-link Q3 report from Acme")] : []),
  );
}

/**
 * Something to type, which a click puts into the box.
 *
 * @param {string} text
 * @returns {HTMLElement}
 */
function suggestion(text) {
  const take = () => {
    const box = /** @type {HTMLTextAreaElement} */ (byId("text"));
    box.value = text;
    box.dispatchEvent(new Event("input"));
    box.focus();
  };
  const button = h(
    "button",
    { class: "linklike", type: "button", click: take },
    h("code", {}, text),
  );
  return h("p", {}, "Try ", button);
}

function drawComposer() {
  const channel = here();
  const why = channel.is_archived
    ? "This channel is archived."
    : "Only admins may post in this channel.";
  const label = `Message ${signOf(channel)}${nameOf(channel, workspace)}`;
  const commands = [...workspace.commands, ...OWN_COMMANDS];
  // Drawn anew only for another place: what is being typed must not be lost.
  const drawn = JSON.stringify([who, label, channel.may_type, why]);
  if (byId("composer").dataset.drawn === drawn) return;
  byId("composer").dataset.drawn = drawn;
  byId("composer").replaceChildren(
    channel.may_type ? composer({ label, commands, send }) : noComposer(why),
  );
}

async function refreshMessages() {
  const [person, channel] = [who, where];
  const fresh = await api.messages(person, channel);
  if (person !== who || channel !== where) return; // looked elsewhere meanwhile
  if (fresh.revision < shown) return; // overtaken by a later answer
  shown = fresh.revision;
  seen = fresh.messages;
  const people = new Map(workspace.users.map((user) => [user.id, user]));
  const scene = { reader: reader(), people, hands };
  const inChannel = seen.filter(
    ({ ts, thread_ts, reply_broadcast }) => !thread_ts || thread_ts === ts || reply_broadcast,
  );
  const root = (/** @type {string} */ ts) => seen.find((message) => message.ts === ts);
  channelList.show(inChannel, { ...scene, openThread, root });
  stayAtEnd();
  if (thread) {
    const inThread = seen.filter(({ ts, thread_ts }) => thread_ts === thread || ts === thread);
    threadList.show(inThread, scene);
    const side = byId("thread-scroll");
    side.scrollTop = side.scrollHeight;
  }
}

async function refreshView() {
  showModal(await api.view(who), reader(), hands(null));
}

/** @param {string} ts */
async function openThread(ts) {
  thread = ts;
  threadList.clear();
  byId("thread").hidden = false;
  byId("thread-where").textContent = byId("title").textContent;
  const reply = async (/** @type {string} */ text) => {
    if (text.startsWith("/")) return "Slash commands cannot be used in threads.";
    const ask = { user: who, channel: where, text, thread_ts: thread };
    return (await api.act("message", ask)).error;
  };
  byId("thread-composer").replaceChildren(
    here().may_type
      ? composer({ label: "Reply …", commands: [], inThread: true, send: reply })
      : noComposer("Nobody may reply here."),
  );
  await refreshMessages();
  document.getElementById("thread-text")?.focus();
}

function closeThread() {
  thread = null;
  byId("thread").hidden = true;
}

/**
 * @param {string} text
 * @returns {Promise<string | null>}
 */
async function send(text) {
  const said = escaped(text);
  if (!text.startsWith("/")) {
    return (await api.act("message", { user: who, channel: where, text: said })).error;
  }
  const [command = "", ...rest] = text.split(/\s/);
  if (command === "/invite") {
    return (await api.act("channel", { user: who, channel: where, bot: true })).error;
  }
  if (!workspace.commands.some((known) => known.command === command)) {
    return `${command} is not a command that this workspace knows.`;
  }
  const ask = { user: who, channel: where, command, text: rest.join(" ") };
  const { error } = await api.act("command", ask);
  // Slackbot has told the person of these two.
  return error === "operation_timeout" || error === "dispatch_failed" ? null : error;
}

/**
 * What a person types is text; Slack escapes it before anyone reads it as markup.
 *
 * @param {string} text
 * @returns {string}
 */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/**
 * Look at another channel.
 *
 * @param {string} channel
 */
function look(channel) {
  location.hash = `${who}/${channel}`;
}

/**
 * Be another person, in the same channel if they are in it.
 *
 * @param {string} person
 */
function become(person) {
  unread.clear();
  location.hash = `${person}/${where}`;
}

async function followAddress() {
  const [person, channel] = location.hash.slice(1).split("/");
  who = person || "ann";
  where = channel || where;
  channelList.clear();
  closeThread();
  document.body.classList.remove("listing");
  await refresh();
  atEnd = true;
  stayAtEnd();
}

/** Keep the newest message in sight, unless the person has scrolled up. */
function stayAtEnd() {
  const scroll = byId("scroll");
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
}

/** @param {{ kind: string, channel?: string, user?: string }} event */
function changed(event) {
  if (event.kind === "reset" || event.kind === "workspace") {
    refresh();
  } else if (event.kind === "view" && event.user === workspace.you) {
    refreshView();
  } else if (event.kind === "channel" && event.channel === where) {
    refreshMessages();
  } else if (event.kind === "channel" && event.channel) {
    unread.add(event.channel);
    if (workspace.channels.some(({ id }) => id === event.channel)) {
      drawSidebar(workspace, { who, where, unread }, { look, become });
    } else {
      refresh();
    }
  }
}

byId("close-thread").addEventListener("click", closeThread);
byId("open-sidebar").addEventListener("click", () => document.body.classList.add("listing"));
byId("close-sidebar").addEventListener("click", () => document.body.classList.remove("listing"));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && thread) closeThread();
});
byId("scroll").addEventListener("scroll", (event) => {
  const { scrollHeight, scrollTop, clientHeight } = /** @type {HTMLElement} */ (event.target);
  atEnd = scrollHeight - scrollTop - clientHeight < 80;
});
new ResizeObserver(stayAtEnd).observe(byId("scroll"));
addEventListener("hashchange", followAddress);

await followAddress();
document.getElementById("text")?.focus();
api.listen(changed, (connected) => {
  byId("offline").hidden = connected;
  if (!connected) return;
  shown = 0; // it may be another stand-in, which counts from the beginning
  refresh(); // what happened before the stream began
});
