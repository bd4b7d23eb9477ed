/* How one entry of a chat looks: bubbles of both sides, notes, lines of what was done, calls between them. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    const RECEIPTS = {
        sending: "hourglass-split",
        queued: "clock",
        sent: "check2",
        delivered: "check2-all",
        read: "check2-all",
        failed: "exclamation-circle",
    };

    chats.dayLine = (day) => el("div", { class: "ch-day" }, el("span", {}, dayWords(day)));

    function dayWords(day) {
        const today = journal.today();
        if (day === today) return t("today");
        if (day === journal.addDays(today, -1)) return t("yesterday");
        return journal.dayText(day);
    }

    /** A line of the time line; actions: {reply, retry, drop, jump, show}. */
    chats.entryNode = function (entry, actions) {
        if (entry.entry === "event") return eventLine(entry);
        if (entry.kind === "system") return line(entry.text || "", entry.happened_at, "gear");
        return bubble(entry, actions);
    };

    function line(text, at, icon) {
        return el(
            "div",
            { class: "ch-line" },
            journal.icon(icon),
            el("span", {}, text),
            el("time", { class: "number", datetime: at }, journal.clock(at)),
        );
    }

    const EVENT_ICONS = {
        taken: "hand-index-thumb",
        assigned: "person-plus",
        handed_over: "arrow-left-right",
        watched: "eye",
        left: "eye-slash",
        closed: "check-circle",
        reopened: "arrow-counterclockwise",
        queued: "inbox",
        opened: "chat-dots",
        begun: "send",
        linked: "building",
        unlinked: "building",
        tagged: "tags",
        untagged: "tags",
        automation: "gear",
    };

    function eventLine(entry) {
        const told = entry.payload || {};
        const who = told.by || (entry.author && entry.author.startsWith("system:") ? "" : entry.author) || "";
        const values = {
            by: who,
            to: told.to || entry.employee || t("nobody"),
            client: told.client || "",
            tags: (Array.isArray(told.tags) ? told.tags : []).join(", "),
            rule: told.rule ? t(`rule.${told.rule}`) : "",
        };
        let key = `event.${entry.kind}`;
        if (["reopened", "queued", "closed", "assigned"].includes(entry.kind) && !who) key += ".itself";
        const words = `chats.${key}` in journal.config.words ? t(key, values) : t("event.other", { ...values, kind: entry.kind });
        return line(told.text ? `${words} ${told.text}` : words, entry.happened_at, EVENT_ICONS[entry.kind] || "dot");
    }

    /** A call of the client between his messages. */
    chats.callNode = function (call) {
        const direction = journal.direction(call);
        const path = `/calls/${encodeURIComponent(call.call_id)}`;
        return el(
            "a",
            {
                class: `ch-line ch-call is-${direction.kind}`,
                href: path,
                onclick: (event) => {
                    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
                    event.preventDefault();
                    journal.go(path);
                },
            },
            journal.icon(direction.icon),
            el("span", {}, [direction.text, journal.peopleText(call), call.talk_s > 0 && journal.duration(call.talk_s)].filter(Boolean).join(" · ")),
            el("time", { class: "number", datetime: call.started_at }, journal.clock(call.started_at)),
        );
    };

    function bubble(entry, actions) {
        const isNote = entry.kind === "note";
        const side = isNote ? "is-note" : entry.ours ? "is-ours" : "is-theirs";
        const failed = entry.state === "failed" || entry.state === "refused";
        const node = el(
            "article",
            {
                class: `ch-bubble ${side}${failed ? " is-failed" : ""}${entry.mentions_me ? " is-for-me" : ""}${entry.change_kind && !entry.change_error ? " is-changing" : ""}`,
                "data-message": entry.id,
                "aria-label": spoken(entry),
            },
            (entry.author_name || isNote) &&
                el("div", { class: "ch-author" }, isNote && journal.icon("chat-left-text-fill"), isNote ? t("note-by", { name: entry.author_name || "" }) : entry.author_name),
            entry.quoted && quote(entry.quoted, actions),
            content(entry, actions),
            failed && trouble(entry, actions),
            chats.revisionTrouble(entry, actions),
            el(
                "div",
                { class: "ch-meta number" },
                entry.reaction && el("span", { class: "ch-reaction", title: t("reaction") }, entry.reaction),
                chats.revisionMark(entry),
                el("time", { datetime: entry.happened_at, title: journal.fullDate(entry.happened_at) }, journal.clock(entry.happened_at)),
                entry.ours && !isNote && !entry.deleted_at && receipt(entry),
            ),
        );
        const menu = chats.reviseButton(entry, actions);
        if (menu) node.append(menu);
        else if (actions.mayReply && !isNote && !entry.pending && !entry.deleted_at)
            node.append(journal.button("reply", t("reply"), () => actions.reply(entry), { class: "j-icon-button ch-reply" }));
        return node;
    }

    function spoken(entry) {
        const who = entry.ours ? entry.author_name || t("me") : entry.author_name || t("client");
        return t(entry.kind === "note" ? "spoken.note" : "spoken", { who, when: journal.when(entry.happened_at) });
    }

    function receipt(entry) {
        const state = entry.pending && entry.state !== "refused" ? "sending" : entry.state === "refused" ? "failed" : entry.state;
        if (!RECEIPTS[state]) return null;
        const at = state === "read" ? entry.read_at : state === "delivered" ? entry.delivered_at : null;
        const words = t(`receipt.${state}`) + (at ? `, ${journal.when(at)}` : "");
        return el(
            "span",
            { class: `ch-receipt is-${state}`, title: words },
            journal.icon(RECEIPTS[state]),
            el("span", { class: "visually-hidden" }, words),
        );
    }

    function quote(quoted, actions) {
        const words = quoted.text || (quoted.kind ? t(`kind.${quoted.kind}`) : t("deleted"));
        return el(
            "button",
            { type: "button", class: "ch-quote", onclick: () => actions.jump(quoted.message_id) },
            el("span", { class: "ch-quote-who" }, quoted.author_name || t(quoted.ours ? "us" : "client")),
            el("span", { class: "j-cut" }, words),
        );
    }

    function trouble(entry, actions) {
        const known = entry.error ? t(`error.${entry.error}`) : "";
        return el(
            "div",
            { class: "ch-trouble" },
            el("span", { title: entry.error_detail || null }, entry.state === "refused" ? entry.error_text : known),
            el(
                "span",
                { class: "ch-trouble-acts" },
                el("button", { type: "button", class: "j-link", onclick: () => actions.retry(entry) }, t("again")),
                entry.state === "refused" &&
                    el("button", { type: "button", class: "j-link", onclick: () => actions.drop(entry) }, t("drop")),
            ),
        );
    }

    function content(entry, actions) {
        if (entry.deleted_at) return el("p", { class: "ch-gone" }, journal.icon("trash"), t("deleted"));
        const parts = [];
        if (["image", "video", "voice", "audio", "document", "sticker"].includes(entry.kind)) parts.push(media(entry, actions));
        else if (entry.kind === "location") parts.push(place(entry.payload || {}));
        else if (entry.kind === "contacts") parts.push(cards(entry.payload || {}));
        else if (entry.kind === "template") parts.push(el("div", { class: "ch-template j-hint" }, journal.icon("chat-square-text"), t("template")));
        else if (entry.kind === "unsupported")
            parts.push(
                el("p", { class: "ch-gone" }, journal.icon("info-circle"), t("unsupported", { name: String((entry.payload || {}).name || "?") })),
            );
        const words = chats.wordsOf(entry);
        if (words) parts.push(el("div", { class: "ch-text" }, chats.linked(words)));
        return parts;
    }

    const WAITING = { expected: "hourglass-split", failed: "exclamation-circle", too_large: "exclamation-circle", refused: "lock" };

    function media(entry, actions) {
        const address = entry.pending ? entry.preview : `/media/${encodeURIComponent(entry.id)}`;
        if (!entry.pending && entry.media_state !== "present") {
            const state = WAITING[entry.media_state] ? entry.media_state : "failed";
            return el(
                "div",
                { class: "ch-file is-waiting" },
                journal.icon(WAITING[state]),
                el("span", { class: "j-grow" }, el("span", { class: "ch-file-name" }, entry.media_name || t(`kind.${entry.kind}`)), el("span", { class: "j-hint" }, t(`media.${state}`))),
            );
        }
        const type = entry.media_type || "";
        if ((entry.kind === "image" || entry.kind === "sticker") && type.startsWith("image/") && address) {
            const picture = el("img", { src: address, alt: entry.media_name || t(`kind.${entry.kind}`), loading: "lazy", class: "ch-picture" });
            return el(
                "button",
                { type: "button", class: "ch-picture-button", "aria-label": t("open-picture"), onclick: () => actions.show(entry) },
                picture,
            );
        }
        if (entry.kind === "video" && type.startsWith("video/") && address)
            return el("video", { src: address, controls: true, preload: "none", class: "ch-video", "aria-label": t("kind.video") });
        if ((entry.kind === "voice" || entry.kind === "audio") && address) return chats.soundNode(address, entry);
        return el(
            "a",
            { class: "ch-file", href: entry.pending ? null : `${address}?download=1`, download: true },
            journal.icon("file-earmark"),
            el(
                "span",
                { class: "j-grow" },
                el("span", { class: "ch-file-name" }, entry.media_name || t(`kind.${entry.kind}`)),
                el("span", { class: "j-hint number" }, chats.bytes(entry.media_bytes)),
            ),
            !entry.pending && journal.icon("download"),
        );
    }

    function place(payload) {
        const latitude = Number(payload.latitude);
        const longitude = Number(payload.longitude);
        if (!Number.isFinite(latitude) || !Number.isFinite(longitude)) return el("p", { class: "ch-gone" }, t("kind.location"));
        const at = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
        return el(
            "a",
            {
                class: "ch-file",
                href: `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`,
                target: "_blank",
                rel: "noopener noreferrer",
            },
            journal.icon("geo-alt"),
            el("span", { class: "j-grow" }, el("span", { class: "ch-file-name" }, String(payload.name || t("kind.location"))), el("span", { class: "j-hint number" }, String(payload.address || at))),
        );
    }

    function cards(payload) {
        const people = Array.isArray(payload.contacts) ? payload.contacts : [];
        return people.slice(0, 20).map((person) =>
            el(
                "div",
                { class: "ch-file" },
                journal.icon("person"),
                el(
                    "span",
                    { class: "j-grow" },
                    el("span", { class: "ch-file-name" }, String((person && person.name) || t("kind.contacts"))),
                    el("span", { class: "j-hint number" }, [...((person && person.phones) || []), ...((person && person.emails) || [])].map(String).join(", ")),
                ),
            ),
        );
    }
})();
