/* What the pages of clients share: form fields, states, dialogs, and how a page is started. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const clients = (window.callboardClients = {});

    /** `draw(config, isHere)` runs whenever the page with the element `id` is laid out. */
    clients.page = function (name, id, draw) {
        const pages = (window.dash_clientside.clients = window.dash_clientside.clients || {});
        pages[name] = function (config) {
            journal.leave();
            journal.config = config;
            const isHere = () => journal.config === config && document.getElementById(id) !== null;
            if (isHere()) draw(config, isHere);
            return window.dash_clientside.no_update;
        };
    };

    /** A text field below its label; `value()` gives what stands there. */
    clients.field = function (label, value, options) {
        const { tag = "input", ...more } = options || {};
        const input = el(tag, { class: tag === "textarea" ? "j-comment" : "j-input", "aria-label": label, ...more });
        input.value = value || "";
        return { root: el("label", { class: "c-field" }, el("span", {}, label), input), input, value: () => input.value };
    };

    /** A choice below its label; options: [value, words]. */
    clients.choice = function (label, value, options, more) {
        const select = el(
            "select",
            { class: "j-input c-select", "aria-label": label, ...more },
            options.map(([key, words]) => el("option", { value: key, selected: key === (value || "") }, words)),
        );
        return {
            root: el("label", { class: "c-field" }, el("span", {}, label), select),
            input: select,
            value: () => select.value,
        };
    };

    clients.button = (words, onclick, more) =>
        el("button", { type: "button", class: "j-button", onclick, ...more }, words);

    /** A button of the page's head: with words where there is room, with its picture alone on a telephone. */
    clients.tool = (picture, words, onclick, more) =>
        clients.button([journal.icon(picture), el("span", { class: "c-tool-words" }, words)], onclick, {
            class: "j-button c-tool",
            title: words,
            "aria-label": words,
            ...more,
        });

    clients.texts = (text) =>
        text
            .split(/[,;\n]/)
            .map((one) => one.trim())
            .filter(Boolean);

    /** Run `action` with the button busy; an error is told beside it, or in a toast. */
    clients.act = async function (button, action, place) {
        button.disabled = true;
        try {
            return await action();
        } catch (error) {
            if (place) journal.fill(place, el("p", { class: "j-hint is-error", role: "alert" }, error.message));
            else journal.toast(error.message, "error");
            return undefined;
        } finally {
            button.disabled = false;
        }
    };

    clients.skeleton = (rows) =>
        el(
            "div",
            { class: "state-loading", role: "status", "aria-label": t("loading") },
            Array.from({ length: rows }, () => el("div", { class: "skeleton skeleton-row" })),
        );

    clients.failed = (error, retry) =>
        el(
            "div",
            { class: "state is-error", role: "alert" },
            journal.icon("exclamation-triangle"),
            el("h2", {}, error.message),
            error.requestId && el("p", { class: "state-id" }, t("request-id", { id: error.requestId })),
            clients.button(t("retry"), retry),
        );

    clients.empty = (icon, heading, hint, ...actions) =>
        el(
            "div",
            { class: "state" },
            journal.icon(icon),
            el("h2", {}, heading),
            hint && el("p", {}, hint),
            el("div", { class: "j-row" }, actions),
        );

    /** A dialog over the page; `fill(close)` gives its content. */
    clients.dialog = function (title, fill, className) {
        const dialog = el("dialog", { class: `j-dialog c-dialog ${className || ""}`, "aria-label": title });
        const close = () => dialog.close();
        journal.fill(
            dialog,
            el("header", {}, el("h2", {}, title), journal.button("x-lg", t("close"), close)),
            fill(close),
        );
        dialog.addEventListener("close", () => dialog.remove());
        journal.onLeave(() => dialog.remove());
        document.body.append(dialog);
        dialog.showModal();
        return dialog;
    };

    clients.link = function (accountId, ...content) {
        const path = `/clients/${accountId}`;
        return el(
            "a",
            {
                href: path,
                onclick: (event) => {
                    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
                    event.preventDefault();
                    journal.go(path);
                },
            },
            content,
        );
    };

    clients.tag = (tag) => el("span", { class: `tag is-${tag.colour || "grey"}` }, el("span", {}, tag.title));

    /** The name of somebody whom the trail knows by his login. */
    clients.who = (login) => (journal.config.names && journal.config.names[login]) || login;

    /** A moment inside a sentence: "с сегодня, 11:03", not "с Сегодня". */
    clients.since = (moment) => {
        const words = journal.when(moment);
        return words.charAt(0).toLowerCase() + words.slice(1);
    };

    clients.mark = (kind) => journal.icon(kind === "person" ? "person" : "building");
})();
