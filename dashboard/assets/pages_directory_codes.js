/* The directory's queues, groups, lines and office numbers: the codes of the PBX and what people call them. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const { tabs, source, field, labelled, form, inPlace, number, required } = window.callboardDirectory;

    const PLACES = { queue: "queues", ring_group: "ring-groups", line: "lines", channel: "channels" };

    for (const [kind, place] of Object.entries(PLACES)) {
        tabs[place] = {
            add: `directory.${kind}.new`,
            note: `directory.${kind}.note`,
            count: (entries) => listed(entries, kind).length,
            columns: kind === "channel" ? ["number", "channel", "calls", "source"] : ["code", "title", "calls", "pbx", "source"],
            rows: (entries, desk) => listed(entries, kind).map((one) => row(desk, kind, one)),
            form: (entries, desk) => codeForm(desk, kind),
        };
    }

    /** What the directory has of a kind, with the calls of three months, and what only calls name; named ones first. */
    function listed(entries, kind) {
        const seen = entries.seen.filter((one) => one.kind === kind);
        const known = entries.codes.filter((one) => one.kind === kind);
        const isSame = (one, other) => one.code === other.code && (!one.pbx || !other.pbx || one.pbx === other.pbx);
        const calls = (one) => seen.filter((other) => isSame(one, other)).reduce((sum, other) => sum + other.calls, 0);
        return [
            ...known.map((one) => ({ ...one, calls: calls(one) })),
            ...seen.filter((one) => !known.some((other) => isSame(one, other))),
        ].sort((one, other) => other.calls - one.calls || one.code.localeCompare(other.code));
    }

    function row(desk, kind, one) {
        const label = kind === "channel" ? t("directory.channel-of", { number: one.text }) : t("directory.title-of", { code: one.code });
        const title = inPlace(one.title || "", label, (value) => keep(desk, kind, one, value), {
            placeholder: t(kind === "channel" ? "directory.channel.none" : "directory.title.none"),
        });
        const code = el("span", { class: "number" }, one.text, one.extension ? ` (${one.extension})` : "");
        const calls = el("span", { class: "number" }, one.calls ? journal.number(one.calls) : "–");
        return {
            key: `${one.code}@${one.pbx || ""}`,
            text: `${one.text} ${one.code} ${one.title || ""}`,
            cells: kind === "channel" ? [code, title, calls, source(one)] : [code, title, calls, one.pbx || "–", source(one)],
        };
    }

    /* Nothing typed: forgotten, and what the PBX tells next comes back. */
    function keep(desk, kind, one, value) {
        const path = `${PLACES[kind]}/${one.code.split("/").map(encodeURIComponent).join("/")}`;
        if (kind === "channel") return value ? desk.keep("PUT", path, { title: value }) : desk.keep("DELETE", path);
        return desk.keep("PUT", path, { title: value, pbx: one.pbx || "" });
    }

    function codeForm(desk, kind) {
        const isChannel = kind === "channel";
        const code = field({ inputmode: isChannel ? "tel" : null, maxlength: 80, placeholder: isChannel ? "+7 495 123-45-67" : "" });
        const title = field({});
        const codeLabel = t(isChannel ? "directory.column.number" : "directory.column.code");
        const titleLabel = t(isChannel ? "directory.column.channel" : "directory.column.title");
        return form([el("div", { class: "w-pair" }, labelled(codeLabel, code), labelled(titleLabel, title))], {
            save: t("directory.save"),
            close: () => desk.open(null),
            async send() {
                const typed = required(code, t(isChannel ? "directory.wrong.no-number" : "directory.wrong.no-code"));
                if (isChannel) number(typed);
                const name = required(title, t(isChannel ? "directory.wrong.no-channel" : "directory.wrong.no-title"));
                await keep(desk, kind, { code: typed }, name);
                desk.open(null);
            },
        });
    }
})();
