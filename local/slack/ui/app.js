/** The page: kept in step with the stand-in. */

import * as api from "./api.js";
import { byId } from "./dom.js";
import { bareHands, inMessage } from "./hands.js";
import { showHome } from "./home.js";
import { MessageList } from "./list.js";
import { showModal } from "./modal.js";
import { drawPlace } from "./place.js";
import { drawSidebar } from "./sidebar.js";
import { hasHome, here, reader, state } from "./state.js";
import { drawComposer, drawThreadComposer, useShortcut } from "./typing.js";

/** @typedef {import("./api.js").Message} Message */

const channelList = new MessageList(byId("messages"));
const threadList = new MessageList(byId("replies"));

/** The revision of the workspace that the page shows. */
let shown = 0;
let atEnd = true;

/** Read the workspace again, and draw everything that depends on it. */
async function refresh() {
  state.workspace = await api.workspace(state.who);
  state.where = here().id;
  state.unread.delete(state.where);
  byId("team").textContent = state.workspace.team;
  drawList();
  drawPlace(turn);
  drawComposer();
  await Promise.all([refreshMessages(), refreshViews()]);
}

function drawList() {
  drawSidebar(state.workspace, state, { look, become });
}

async function refreshMessages() {
  const { who, where, workspace, thread } = state;
  const fresh = await api.messages(who, where);
  if (who !== state.who || where !== state.where) return; // looked elsewhere meanwhile
  if (fresh.revision < shown) return; // overtaken by a later answer
  shown = fresh.revision;
  state.seen = fresh.messages;
  const hands = bareHands(workspace, where);
  const scene = {
    reader: reader(),
    people: new Map(workspace.users.map((user) => [user.id, user])),
    hands: (/** @type {Message} */ message) => inMessage(hands, who, message),
    shortcuts: shortcutsOn,
  };
  const inChannel = state.seen.filter(
    ({ ts, thread_ts, reply_broadcast }) => !thread_ts || thread_ts === ts || reply_broadcast,
  );
  const root = (/** @type {string} */ ts) => state.seen.find((message) => message.ts === ts);
  channelList.show(inChannel, { ...scene, openThread, root });
  stayAtEnd();
  if (thread) {
    const inThread = state.seen.filter(
      ({ ts, thread_ts }) => thread_ts === thread || ts === thread,
    );
    threadList.show(inThread, scene);
    const side = byId("thread-scroll");
    side.scrollTop = side.scrollHeight;
  }
}

/**
 * @param {Message} message
 * @returns {import("./menu.js").Item[]}
 */
function shortcutsOn(message) {
  return state.workspace.shortcuts
    .filter(({ type }) => type === "message")
    .map((shortcut) => ({
      name: shortcut.name,
      description: shortcut.description,
      run: async () => {
        const error = await useShortcut(shortcut, message.ts);
        byId("notice").textContent = error ? `The app did not respond (${error}).` : "";
      },
    }));
}

async function refreshViews() {
  const { view, filled, home } = await api.view(state.who);
  const hands = bareHands(state.workspace, state.where);
  showModal(view, filled, reader(), hands);
  showHome(home, reader(), hands);
}

/** @param {string} ts */
async function openThread(ts) {
  state.thread = ts;
  threadList.clear();
  byId("thread").hidden = false;
  byId("thread-where").textContent = byId("title").textContent;
  drawThreadComposer();
  await refreshMessages();
  document.getElementById("thread-text")?.focus();
}

function closeThread() {
  state.thread = null;
  byId("thread").hidden = true;
}

/**
 * Look at another channel.
 *
 * @param {string} channel
 */
function look(channel) {
  location.hash = `${state.who}/${channel}`;
}

/**
 * Turn to another tab of the app.
 *
 * @param {string} tab
 */
function turn(tab) {
  location.hash = `${state.who}/${state.where}/${tab}`;
}

/**
 * Be another person, in the same place if they are in it.
 *
 * @param {string} person
 */
function become(person) {
  state.unread.clear();
  const same = hasHome(here()) ? "app" : state.where;
  location.hash = `${person}/${same}/${state.tab}`;
}

async function followAddress() {
  const [person, channel, tab] = location.hash.slice(1).split("/");
  state.who = person || "ann";
  state.where = channel || state.where;
  state.tab = tab || "messages";
  channelList.clear();
  closeThread();
  byId("notice").textContent = "";
  document.body.classList.remove("listing");
  await refresh();
  // Each person has a conversation of their own with the app.
  const own = state.workspace.channels.find(hasHome);
  if (channel === "app" && own) {
    history.replaceState(null, "", `#${state.who}/${own.id}/${state.tab}`);
    state.where = own.id;
    await refresh();
  }
  if (hasHome(here())) api.act("tab", { user: state.who, tab: state.tab });
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
  } else if (event.kind === "view" && event.user === state.workspace.you) {
    refreshViews();
  } else if (event.kind === "channel" && event.channel === state.where) {
    refreshMessages();
  } else if (event.kind === "channel" && event.channel) {
    state.unread.add(event.channel);
    if (state.workspace.channels.some(({ id }) => id === event.channel)) drawList();
    else refresh();
  }
}

byId("close-thread").addEventListener("click", closeThread);
byId("open-sidebar").addEventListener("click", () => document.body.classList.add("listing"));
byId("close-sidebar").addEventListener("click", () => document.body.classList.remove("listing"));
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".menu:popover-open");
  if (event.key === "Escape" && state.thread && !menu) closeThread();
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
