/* Sound with a small player of its own, and pictures in a gallery. */
(function () {
    "use strict";

    const journal = (window.callboardJournal = window.callboardJournal || {});
    const chats = (window.callboardChats = window.callboardChats || {});
    const el = (...given) => journal.el(...given);
    const t = (...given) => chats.t(...given);

    const SPEEDS = [1, 1.5, 2];
    let playing = null; // one voice at a time

    chats.soundNode = function (address, entry) {
        const audio = new Audio();
        audio.preload = "none";
        const button = journal.button("play-fill", t("play"), toggle, { class: "j-icon-button ch-play" });
        const bar = el("input", { type: "range", min: 0, max: 1000, value: 0, class: "ch-seek", "aria-label": t("seek") });
        const time = el("span", { class: "j-hint number" }, "0:00");
        const speed = el("button", { type: "button", class: "j-link number", "aria-label": t("speed") }, "1×");
        const root = el(
            "div",
            { class: "ch-sound" },
            button,
            bar,
            time,
            speed,
            entry.kind === "audio" && entry.media_name && el("span", { class: "j-hint j-cut" }, entry.media_name),
        );
        audio.addEventListener("timeupdate", show);
        audio.addEventListener("loadedmetadata", show);
        audio.addEventListener("play", () => mark(true));
        audio.addEventListener("pause", () => mark(false));
        audio.addEventListener("ended", () => ((audio.currentTime = 0), show()));
        audio.addEventListener("error", () => audio.src && (time.textContent = t("media.failed")));
        bar.addEventListener("input", () => Number.isFinite(audio.duration) && (audio.currentTime = (bar.value / 1000) * audio.duration));
        speed.addEventListener("click", () => {
            audio.playbackRate = SPEEDS[(SPEEDS.indexOf(audio.playbackRate) + 1) % SPEEDS.length];
            speed.textContent = `${audio.playbackRate}×`;
        });
        return root;

        function toggle() {
            if (!audio.src) audio.src = address;
            if (!audio.paused) return audio.pause();
            if (playing && playing !== audio) playing.pause();
            playing = audio;
            const rate = audio.playbackRate;
            audio.play().then(
                () => (audio.playbackRate = rate),
                () => (time.textContent = t("media.failed")),
            );
        }

        function mark(isPlaying) {
            button.replaceChildren(journal.icon(isPlaying ? "pause-fill" : "play-fill"));
            button.setAttribute("aria-label", t(isPlaying ? "pause" : "play"));
        }

        function show() {
            const length = Number.isFinite(audio.duration) ? audio.duration : 0;
            bar.value = length ? Math.round((audio.currentTime / length) * 1000) : 0;
            time.textContent = journal.duration(audio.currentTime || length);
        }
    };

    chats.stopSound = () => playing && playing.pause();

    /** Pictures of the loaded part of the chat, beginning with `entry`. */
    chats.gallery = function (entries, entry) {
        const pictures = entries.filter(
            (one) => one.kind === "image" && !one.deleted_at && !one.pending && one.media_state === "present" && (one.media_type || "").startsWith("image/"),
        );
        let at = pictures.findIndex((one) => one.id === entry.id);
        if (at < 0) return;
        const picture = el("img", { class: "ch-gallery-picture" });
        const words = el("p", { class: "ch-gallery-words" });
        const before = journal.button("chevron-left", t("gallery.before"), () => turn(-1));
        const next = journal.button("chevron-right", t("gallery.next"), () => turn(1));
        const save = el("a", { class: "j-icon-button", download: true, title: t("download"), "aria-label": t("download") }, journal.icon("download"));
        const box = el(
            "dialog",
            { class: "ch-gallery", "aria-label": t("gallery") },
            el("div", { class: "ch-gallery-tools" }, words, save, journal.button("x-lg", t("close-box"), () => box.close())),
            el("div", { class: "ch-gallery-stage" }, before, picture, next),
        );
        box.addEventListener("keydown", (event) => {
            if (event.key === "ArrowLeft") turn(-1);
            else if (event.key === "ArrowRight") turn(1);
            else return;
            event.preventDefault();
            event.stopPropagation();
        });
        box.addEventListener("click", (event) => event.target === box && box.close());
        box.addEventListener("close", () => box.remove());
        document.body.append(box);
        turn(0);
        box.showModal();

        function turn(step) {
            at = Math.min(Math.max(at + step, 0), pictures.length - 1);
            const one = pictures[at];
            picture.src = `/media/${encodeURIComponent(one.id)}`;
            picture.alt = one.text || one.media_name || t("kind.image");
            save.href = `/media/${encodeURIComponent(one.id)}?download=1`;
            words.textContent = [one.author_name, journal.when(one.happened_at), `${at + 1} / ${pictures.length}`].filter(Boolean).join(" · ");
            before.disabled = at === 0;
            next.disabled = at === pictures.length - 1;
        }
    };
})();
