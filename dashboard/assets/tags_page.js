/* The page of tags: every word of the vocabulary with what carries it; renamed, recoloured, removed in place. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;

    function start(config) {
        journal.leave();
        journal.config = config;
        const place = (id) => document.getElementById(id);
        const isHere = () => journal.config === config && place("tags-list") !== null;
        let opened = null; // the line somebody works in: hints do not draw it anew
        if (!isHere()) return;

        const read = journal.coalesce(async () => {
            try {
                const { tags } = await journal.request("/api/tags");
                if (isHere()) draw(tags);
            } catch (error) {
                if (isHere()) fail(error);
            }
        });
        journal.hints({ directory: () => opened === null && read() });
        journal.fill(place("tags-form"), addition());
        read();

        function addition() {
            const field = title("");
            field.placeholder = t("new");
            field.setAttribute("aria-label", t("new"));
            const form = el("form", { class: "w-bar" }, field, submit("plus-lg", t("add")));
            form.addEventListener("submit", async (event) => {
                event.preventDefault();
                if (!field.value.trim()) return field.focus();
                try {
                    await journal.request("/api/tags", { json: { title: field.value } });
                    field.value = "";
                    read();
                } catch (error) {
                    journal.toast(error.message, "error");
                }
            });
            return form;
        }

        function draw(tags) {
            place("tags-count").textContent = t("count", { n: tags.length, count: journal.number(tags.length) });
            journal.fill(
                place("tags-list"),
                tags.length
                    ? el("ul", { class: "w-list card" }, tags.map(line))
                    : el("div", { class: "state" }, journal.icon("bookmark"), el("h2", {}, t("none"))),
            );
        }

        function line(tag) {
            const root = el("li", { class: "w-row" });
            show();
            return root;

            function show() {
                opened = null;
                const calls = `/calls?tag=${encodeURIComponent(tag.tag_id)}`;
                journal.fill(
                    root,
                    el("div", { class: "j-grow" }, journal.tagChip(tag)),
                    tag.calls
                        ? el(
                              "a",
                              { class: "w-link number", href: calls, onclick: (event) => (event.preventDefault(), journal.go(calls)) },
                              t("calls", { n: tag.calls, count: journal.number(tag.calls) }),
                          )
                        : el("span", { class: "j-hint number" }, t("calls", { n: 0, count: "0" })),
                    el("span", { class: "j-hint number" }, t("clients", { n: tag.clients, count: journal.number(tag.clients) })),
                    journal.button("pencil", t("change", { tag: tag.title }), edit),
                    journal.button("trash", t("remove", { tag: tag.title }), ask),
                );
            }

            function edit() {
                opened = tag.tag_id;
                const field = title(tag.title);
                const chosen = colours(tag);
                const form = el("form", { class: "w-bar j-grow" }, field, chosen, submit("check2", t("save")), cancel());
                form.addEventListener("submit", (event) => {
                    event.preventDefault();
                    const colour = form.querySelector("input[type=radio]:checked").value;
                    const json = { title: field.value, colour, version: tag.version };
                    act(`/api/tags/${encodeURIComponent(tag.tag_id)}`, { method: "PUT", json });
                });
                form.addEventListener("keydown", (event) => event.key === "Escape" && (event.stopPropagation(), show()));
                journal.fill(root, form);
                field.focus();
                field.select();
            }

            function ask() {
                opened = tag.tag_id;
                const sure = el(
                    "button",
                    {
                        type: "button",
                        class: "button is-danger",
                        onclick: () => act(`/api/tags/${encodeURIComponent(tag.tag_id)}`, { method: "DELETE" }),
                    },
                    journal.icon("trash"),
                    t("remove.sure"),
                );
                const used = t("remove.used", {
                    tag: tag.title,
                    calls: t("calls", { n: tag.calls, count: journal.number(tag.calls) }),
                    clients: t("clients", { n: tag.clients, count: journal.number(tag.clients) }),
                });
                journal.fill(root, el("div", { class: "j-grow", role: "alert" }, used), sure, cancel());
                sure.focus();
            }

            async function act(path, options) {
                try {
                    await journal.request(path, options);
                    opened = null;
                    read();
                } catch (error) {
                    journal.toast(error.message, "error");
                }
            }

            function cancel() {
                return el("button", { type: "button", class: "button is-quiet", onclick: show }, t("cancel"));
            }
        }

        function title(value) {
            return el("input", { type: "text", class: "j-input", maxlength: String(config.longest), value, "aria-label": t("title") });
        }

        function submit(icon, words) {
            return el("button", { type: "submit", class: "button is-primary" }, journal.icon(icon), words);
        }

        function colours(tag) {
            return el(
                "fieldset",
                { class: "tag-colours" },
                el("legend", { class: "visually-hidden" }, t("colour")),
                config.colours.map((colour) => {
                    const words = t(`colour.${colour}`);
                    const radio = el("input", { type: "radio", name: "tag-colour", value: colour, "aria-label": words });
                    radio.checked = colour === tag.colour;
                    return el("label", { class: `tag is-${colour}`, title: words }, radio, el("span", {}, words));
                }),
            );
        }

        function fail(error) {
            journal.fill(place("tags-list"), journal.failed(error, read));
        }
    }

    Object.assign((window.dash_clientside.tags = window.dash_clientside.tags || {}), {
        start(config) {
            start(config);
            return window.dash_clientside.no_update;
        },
    });
})();
