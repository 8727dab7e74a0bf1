/**
 * All that the page says. `{slots}` are filled with values that are shown apart from the
 * sentence around them, since a stranger may have chosen them.
 */

const en = {
  send: "Send a file",
  sendTo: "Send a file to {from}",
  asks: "{from} asks for: {title}",
  until: "Open until {time} (your time)",
  closed: "It was open until {time} (your time)",
  drop: "Drop your file here",
  choose: "Choose a file",
  hint: "You can also paste it. One file, up to {limit}.",
  dropMany: "Drop your files here",
  chooseMany: "Choose files",
  hintMany: "Up to {room} files, each up to {limit}. Folders, too.",
  sender: "whoever sent you the link",
  named: "{from}",
  who: "Your name and company",
  line: "Your note (optional)",
  optional: " (optional)",
  wanting: "Please say who you are, then your files are sent.",
  go: "Send now",

  unopened: "The link cannot be opened. Trying again in {time}.",
  started: "Sending {name}",
  filed: "{done} of {total} files",
  at: { queued: "Waiting", checking: "Getting ready…", done: "Arrived", cancelled: "Cancelled" },
  pace: "{loaded} of {total}",
  left: "{loaded} of {total} · {speed} · {time} left",
  storing: "All sent. Waiting for the answer…",
  milestone: "{percent} sent",
  offline: "You are offline. The upload goes on once you are back.",
  lost: "The connection was lost. Trying again in {time}.",
  busy: "The storage is busy. Trying again in {time}.",
  now: "Try now",
  cancel: "Cancel",
  cancelAll: "Cancel all",
  cancelled: "Cancelled. You can choose a file again.",
  sending: "{percent} – {what}",

  done: "Your file has arrived",
  doneAll: "Your files have arrived",
  close: "You can close this page.",
  for: "For",
  to: "Asked by",
  reference: "Reference",
  again: "Try again",
  other: "Choose another file",
  answer: "The storage said: {code}",
  noBrowser: "No browser? Send report.pdf from a terminal.",

  failures: {
    noLink: [
      "There is no upload link here",
      "Only a part of the address was opened.",
      "Open the link again, exactly as you got it.",
    ],
    damaged: [
      "This link is damaged",
      "Part of it is missing or changed.",
      "Copy the whole link again, or ask {who} for a new link.",
    ],
    foreign: [
      "This link does not lead to us",
      "It would send your file elsewhere, so nothing was sent.",
      "Do not use it. Tell whoever sent you the link.",
    ],
    expired: ["This link has expired", "It takes no more files.", "Ask {who} for a new link."],
    taken: [
      "This link has already been used",
      "It takes one file, and one has arrived.",
      "If you have another, ask {who} for a new link.",
    ],
    missing: [
      "There is no such link",
      "It was mistyped or is long over.",
      "Compare it with what you got, or ask {who}.",
    ],
    closed: [
      "This link was closed",
      "It takes no more files.",
      "Ask {who} why, or for a new link.",
    ],
    full: [
      "This link is full",
      "It takes no more files.",
      "Ask {who} for a new link if you have more.",
    ],
    newer: [
      "This page is out of date",
      "The link is newer.",
      "Reload the page. If it stays like this, ask {who}.",
    ],
    some: ["Some files have not arrived", "Each says why below.", "The others are safe."],
    tooMany: [
      "These are too many files",
      "You gave {count}, and there is room for {room}. None was sent.",
      "Choose fewer, or pack them into a ZIP.",
    ],
    empty: ["Nothing to send", "The folder is empty or cannot be read.", "Choose another one."],
    tooLarge: [
      "This is too large",
      "A file may have up to {limit}, and nothing was sent.",
      "Compress or split it, or ask {who} for another way.",
    ],
    unreadable: [
      "The file cannot be read",
      "It was moved, changed or locked.",
      "Close it in other programs, and choose it again.",
    ],
    blocked: [
      "Something blocks the way to the storage",
      "It may be a company network, a VPN or a browser extension.",
      "Try another network or browser, or tell {who}.",
    ],
    lost: [
      "The connection keeps breaking",
      "The file never got through.",
      "Try again on a steadier network.",
    ],
    busy: [
      "The storage is still busy",
      "It asks to come back later.",
      "Try again in a few minutes.",
    ],
    refused: [
      "The storage refused the file",
      "Its rules do not let this link in.",
      "Tell {who} what you see here.",
    ],
    moved: [
      "The storage cannot be reached here yet",
      "A new one can take hours to be known everywhere.",
      "Try again later. If it stays like this, tell {who}.",
    ],
    unknown: [
      "The storage gave an unknown answer",
      "The file has not been confirmed.",
      "Try again, or tell {who} what you see here.",
    ],
  },
};

/** @type {typeof en} */
const ja = {
  send: "ファイルを送る",
  sendTo: "{from}さんにファイルを送る",
  asks: "{from}さんからの依頼：{title}",
  until: "受付期限：{time}（端末の時刻）",
  closed: "{time}（端末の時刻）に受付を終了しました",
  drop: "ここにファイルをドロップ",
  choose: "ファイルを選択",
  hint: "貼り付けもできます。1 ファイル、{limit} まで。",
  dropMany: "ここにファイルをドロップ",
  chooseMany: "ファイルを選択",
  hintMany: "{room} ファイル、各 {limit} まで。フォルダーも送れます。",
  sender: "リンクの送り主",
  named: "{from}さん",
  who: "お名前と会社名",
  line: "ひとこと（任意）",
  optional: "（任意）",
  wanting: "お名前を入力すると、ファイルを送信します。",
  go: "送信する",

  unopened: "リンクを開けません。{time}後にやり直します。",
  started: "{name} を送信しています",
  filed: "{done} / {total} ファイル",
  at: {
    queued: "待機中",
    checking: "準備しています…",
    done: "届きました",
    cancelled: "キャンセル済み",
  },
  pace: "{loaded} / {total}",
  left: "{loaded} / {total} · {speed} · 残り {time}",
  storing: "確認を待っています…",
  milestone: "{percent} 送信しました",
  offline: "オフラインです。接続が戻ると、自動でやり直します。",
  lost: "接続が切れました。{time}後にやり直します。",
  busy: "保存先が混み合っています。{time}後にやり直します。",
  now: "今すぐやり直す",
  cancel: "キャンセル",
  cancelAll: "すべてキャンセル",
  cancelled: "キャンセルしました。もう一度ファイルを選択できます。",
  sending: "{percent} – {what}",

  done: "ファイルが届きました",
  doneAll: "すべてのファイルが届きました",
  close: "このページは閉じてもかまいません。",
  for: "用件",
  to: "依頼者",
  reference: "受付番号",
  again: "もう一度試す",
  other: "別のファイルを選択",
  answer: "保存先の応答：{code}",
  noBrowser: "ターミナルから report.pdf を送る",

  failures: {
    noLink: [
      "アップロード用のリンクではありません",
      "リンクの一部しか開かれていません。",
      "受け取ったリンクを、もう一度開いてください。",
    ],
    damaged: [
      "リンクが壊れています",
      "一部が欠けているか、変わっています。",
      "リンクをもう一度コピーするか、{who}に新しいリンクを頼んでください。",
    ],
    foreign: [
      "当方のリンクではありません",
      "送り先が当方の保存先ではないため、何も送信していません。",
      "このリンクは使わず、相手に確かめてください。",
    ],
    expired: [
      "リンクの期限が切れています",
      "もうファイルを受け付けていません。",
      "{who}に新しいリンクを頼んでください。",
    ],
    taken: [
      "リンクは使用済みです",
      "1 ファイル用で、すでに届いています。",
      "別のファイルは、{who}に新しいリンクを頼んでください。",
    ],
    missing: [
      "リンクが見つかりません",
      "入力の誤りか、すでに終了しています。",
      "受け取ったリンクと見比べるか、{who}に聞いてください。",
    ],
    closed: [
      "受付は終了しました",
      "もうファイルを受け付けていません。",
      "{who}に理由を聞いてください。",
    ],
    full: [
      "リンクがいっぱいです",
      "もうファイルを受け付けていません。",
      "ほかにも送るときは、{who}に新しいリンクを頼んでください。",
    ],
    newer: [
      "このページは古くなっています",
      "リンクのほうが新しいものです。",
      "再読み込みしてください。続くときは{who}に聞いてください。",
    ],
    some: [
      "届いていないファイルがあります",
      "理由は下にあります。",
      "ほかのファイルは届いています。",
    ],
    tooMany: [
      "ファイルが多すぎます",
      "{count} ファイル中、{room} ファイルまでです。何も送信していません。",
      "数を減らすか、1 つの ZIP ファイルにまとめてください。",
    ],
    empty: [
      "送れるものがありません",
      "フォルダーが空か、読み取れません。",
      "別のものを選択してください。",
    ],
    tooLarge: [
      "サイズが大きすぎます",
      "1 ファイル {limit} までです。何も送信していません。",
      "圧縮または分割するか、{who}に相談してください。",
    ],
    unreadable: [
      "ファイルを読み取れません",
      "移動、変更、またはロックされました。",
      "ほかのアプリで閉じてから、もう一度選択してください。",
    ],
    blocked: [
      "保存先への通信が遮断されています",
      "社内ネットワーク、VPN、ブラウザーの拡張機能が原因かもしれません。",
      "別のネットワークかブラウザーで試すか、{who}に伝えてください。",
    ],
    lost: [
      "接続が何度も切れています",
      "ファイルは届いていません。",
      "安定したネットワークで、もう一度お試しください。",
    ],
    busy: [
      "保存先がまだ混み合っています",
      "時間をおくように求められています。",
      "数分待ってから、もう一度お試しください。",
    ],
    refused: [
      "保存先に拒否されました",
      "保存先の設定で許可されていません。",
      "この画面の内容を{who}に伝えてください。",
    ],
    moved: [
      "保存先にまだ接続できません",
      "新しい保存先は、数時間かかることがあります。",
      "しばらくしてからお試しください。続くときは{who}に聞いてください。",
    ],
    unknown: [
      "保存先から想定外の応答がありました",
      "ファイルが届いたことを確認できていません。",
      "もう一度試すか、この画面の内容を{who}に伝えてください。",
    ],
  },
};

export const WORDS = { en, ja };

/** @typedef {typeof en} Words */

/**
 * The first of a reader's languages that we speak, and how they want numbers and dates in it.
 *
 * @param {readonly string[]} languages  BCP 47 tags, best first
 * @returns {{ lang: "en" | "ja", locale: string }}
 */
export function speak(languages) {
  for (const locale of languages) {
    const lang = /^(en|ja)\b/i.exec(locale)?.[1]?.toLowerCase();
    if (lang === "en" || lang === "ja") return { lang, locale };
  }
  return { lang: "en", locale: "en" };
}

/**
 * A sentence in pieces: words of ours, and values in between that are `apart`.
 *
 * @param {string} sentence
 * @param {Record<string, string>} values
 * @param {Record<string, () => string>} [others]  where these do not say it
 */
export function fill(sentence, values, others = {}) {
  return sentence
    .split(/(\{\w+\})/)
    .filter(Boolean)
    .map((piece) => {
      const name = piece.startsWith("{") ? piece.slice(1, -1) : "";
      const value = values[name] ?? others[name]?.();
      return { text: value ?? piece, apart: value !== undefined };
    });
}
