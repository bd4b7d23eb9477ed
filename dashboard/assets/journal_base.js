/* What the parts of the journal share: words, the page's settings, elements, requests, preferences. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});

    /* Filled by the page when it starts: words, locale, zone, user, rights. */
    journal.config = { words: {}, locale: "ru", zone: "UTC", user: "", rights: {} };

    /** The word under `key`, with {name} replaced; the key itself where a word is missing. */
    journal.t = function (key, values) {
        let text = journal.config.words[key];
        if (text === undefined) return key;
        if (Array.isArray(text)) text = plural(text, values && values.n);
        return text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? values[name] : whole));
    };

    /** The word under `key`, else `otherwise`. */
    journal.word = (key, otherwise) => (key in journal.config.words ? journal.t(key) : otherwise);

    const CATEGORIES = ["one", "few", "many", "other"];

    function plural(forms, n) {
        const category = new Intl.PluralRules(journal.config.locale).select(Number(n));
        // Forms come in the order of gettext: Russian one, few, many; English one, other.
        if (forms.length === 2) return category === "one" ? forms[0] : forms[1];
        return forms[Math.min(Math.max(CATEGORIES.indexOf(category), 0), forms.length - 1)];
    }

    /** An element; text always lands in text nodes, so what strangers wrote can never become markup. */
    journal.el = function (tag, properties, ...children) {
        const node = document.createElement(tag);
        for (const [name, value] of Object.entries(properties || {})) {
            if (value === null || value === undefined || value === false) continue;
            if (name === "class") node.className = value;
            else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
            else node.setAttribute(name, value === true ? "" : String(value));
        }
        append(node, children);
        return node;
    };

    /** Replace everything in `node`; nothing stands for null, undefined and false. */
    journal.fill = function (node, ...children) {
        node.replaceChildren();
        append(node, children);
    };

    function append(node, children) {
        for (const child of children.flat(3)) {
            if (child === null || child === undefined || child === false) continue;
            node.append(child instanceof Node ? child : String(child));
        }
    }

    journal.icon = (name) => journal.el("span", { class: `icon icon-${name}`, "aria-hidden": "true" });

    journal.button = function (icon, label, onclick, extra) {
        return journal.el(
            "button",
            { type: "button", class: "j-icon-button", title: label, "aria-label": label, onclick, ...extra },
            journal.icon(icon),
        );
    };

    /** Why a request failed: `status` 0 means that the server was not reached. */
    journal.RequestFailed = class extends Error {
        constructor(status, message, requestId) {
            super(message);
            this.status = status;
            this.requestId = requestId;
        }
    };

    /** The JSON that `path` answers; RequestFailed otherwise (an abort stays an AbortError). */
    journal.request = async function (path, options) {
        const settings = { headers: { Accept: "application/json" }, ...options };
        if (settings.json !== undefined) {
            settings.method = settings.method || "POST";
            settings.body = JSON.stringify(settings.json);
            settings.headers = { ...settings.headers, "Content-Type": "application/json" };
        }
        let response;
        try {
            response = await window.callboard.fetch(path, settings);
        } catch (error) {
            if (error.name === "AbortError") throw error;
            throw new journal.RequestFailed(0, journal.t("offline"), null);
        }
        const requestId = response.headers.get("X-Request-ID");
        const isJson = (response.headers.get("Content-Type") || "").includes("json");
        const body = isJson ? await response.json() : null;
        if (response.ok && isJson) return body;
        const known = { 401: "signed-out", 403: "forbidden", 404: "not-found", 409: "conflict", 503: "store-away" }[
            response.status
        ];
        throw new journal.RequestFailed(
            response.status,
            known ? journal.t(known) : (body && body.message) || journal.t("request-failed"),
            (body && body.request_id) || requestId,
        );
    };

    /** What stands instead of a list that could not be read. tag: of the box, as its place wants it. */
    journal.failed = (error, retry, tag = "div") =>
        journal.el(
            tag,
            { class: "state is-error", role: "alert" },
            journal.icon("exclamation-triangle"),
            journal.el("h2", {}, error.message),
            error.requestId &&
                journal.el("p", { class: "state-id" }, journal.t("request-id", { id: error.requestId })),
            journal.el("button", { type: "button", class: "button is-primary", onclick: retry }, journal.t("retry")),
        );

    /* Choices of the user: columns, density, folded panel, speed, volume. The server keeps them, so that they
       are the same in every browser; what was chosen since the page came is known here. */
    const PREFER_AFTER_MS = 400;
    const chosen = new Map(); // name -> value as text
    const unsaved = new Set();
    let saving = null;

    journal.remember = function (name, value) {
        const text = JSON.stringify(value);
        if (text === (chosen.has(name) ? chosen.get(name) : (journal.config.kept || {})[name])) return;
        chosen.set(name, text);
        unsaved.add(name);
        clearTimeout(saving);
        saving = setTimeout(journal.savePreferences, PREFER_AFTER_MS);
    };

    /** Send what was chosen; a refusal or a lost link means that it holds for this page only. */
    journal.savePreferences = function () {
        for (const name of unsaved) window.callboard.prefer(`journal.${name}`, chosen.get(name)).catch(() => {});
        unsaved.clear();
    };

    window.addEventListener("pagehide", () => unsaved.size && journal.savePreferences());

    journal.recall = function (name, otherwise) {
        const text = chosen.has(name) ? chosen.get(name) : (journal.config.kept || {})[name];
        try {
            return text === undefined || text === "null" ? otherwise : JSON.parse(text);
        } catch {
            return otherwise;
        }
    };

    journal.isNarrow = () => window.matchMedia("(max-width: 900px)").matches;

    /** `action` after `wait_ms` without another call. */
    journal.debounce = function (action, wait_ms) {
        let timer = null;
        return (...values) => {
            clearTimeout(timer);
            timer = setTimeout(() => action(...values), wait_ms);
        };
    };

    /** A short message of the shell, read out by screen readers. */
    journal.toast = (text, kind) => window.callboard.toast(text, kind === "error" ? "bad" : "good");

    /* Whatever listens outside its own elements registers here and is undone when the page is left. */
    let undo = [];
    journal.onLeave = (action) => undo.push(action);
    journal.listen = function (target, type, handler, options) {
        target.addEventListener(type, handler, options);
        undo.push(() => target.removeEventListener(type, handler, options));
    };
    journal.leave = function () {
        for (const action of undo.splice(0)) action();
    };
})();
