/* The player: the recordings of a call as the parts of one strip, on one audio element. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const { el, t } = journal;
    const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3];
    const LEAP_S = 10;

    /**
     * Shows the recordings of one call in `root`.
     *
     * details: as /api/calls/ID gives them; title: "client : employee"; onTime(moment) is told the wall clock
     * time that is being heard (epoch ms), for the picture of the route.
     */
    journal.Player = class {
        constructor(root, details, title, onTime) {
            this.root = root;
            this.title = title;
            this.onTime = onTime || (() => {});
            this.parts = layOut(details.recordings);
            this.length = this.parts.reduce((sum, part) => sum + part.seconds, 0);
            this.current = Math.max(
                0,
                this.parts.findIndex((part) => part.playable),
            );
            this.mayListen = journal.config.rights.listen && details.may_hear;
            this.shut = false;
            this.draw();
        }

        get playable() {
            return this.mayListen && this.parts.some((part) => part.playable);
        }

        draw() {
            this.root.className = "j-player";
            if (!this.parts.length) return this.say("mic-mute", t("player.none"));
            if (!this.mayListen) return this.say("lock", t("player.no-access"));
            if (!this.playable) {
                const coming = this.parts.some((part) => part.state === "expected");
                const gone = this.parts.every((part) => part.state === "deleted");
                return this.say(
                    coming ? "hourglass-split" : "file-earmark-music",
                    t(coming ? "player.coming" : gone ? "player.deleted" : "player.missing"),
                );
            }
            this.audio = new Audio();
            // Nothing is fetched before somebody wants to hear it: who listened is written down.
            this.audio.preload = "none";
            this.audio.volume = journal.recall("volume", 1);
            this.speed = journal.recall("speed", 1);
            this.build();
            this.bind();
            this.load(this.current, 0, false);
            this.loadPeaks();
        }

        say(icon, text) {
            journal.fill(this.root, el("div", { class: "j-player-note" }, journal.icon(icon), text));
        }

        build() {
            this.canvas = el("canvas", { class: "j-wave", "aria-hidden": "true" });
            this.slider = el(
                "div",
                {
                    class: "j-strip",
                    role: "slider",
                    tabindex: "0",
                    "aria-label": t("player.position"),
                    "aria-valuemin": "0",
                    "aria-valuemax": String(Math.round(this.length)),
                },
                this.canvas,
            );
            this.playButton = el("button", { type: "button", class: "j-play", onclick: () => this.toggle() });
            this.clock = el("span", { class: "j-player-time" });
            this.who = el("div", { class: "j-player-who" });
            this.speedButton = journal.menu(
                el("button", {
                    type: "button",
                    class: "j-speed",
                    title: t("player.speed"),
                    "aria-label": t("player.speed"),
                }),
                () =>
                    SPEEDS.map((speed) => ({
                        icon: speed === this.speed ? "check2" : "dot",
                        text: speedText(speed),
                        on: speed === this.speed,
                        action: () => this.setSpeed(speed),
                    })),
            );
            const several = this.parts.length > 1;
            journal.fill(
                this.root,
                el(
                    "div",
                    { class: "j-player-head" },
                    el("div", { class: "j-player-title", title: this.title }, this.title),
                    this.clock,
                ),
                this.slider,
                several ? this.partLabels() : null,
                el(
                    "div",
                    { class: "j-player-controls" },
                    several && journal.button("skip-start-fill", t("player.previous"), () => this.part(-1)),
                    el(
                        "button",
                        {
                            type: "button",
                            class: "j-icon-button j-leap",
                            title: t("player.back"),
                            "aria-label": t("player.back"),
                            onclick: () => this.leap(-LEAP_S),
                        },
                        "−10",
                    ),
                    this.playButton,
                    el(
                        "button",
                        {
                            type: "button",
                            class: "j-icon-button j-leap",
                            title: t("player.forward"),
                            "aria-label": t("player.forward"),
                            onclick: () => this.leap(LEAP_S),
                        },
                        "+10",
                    ),
                    several && journal.button("skip-end-fill", t("player.next"), () => this.part(1)),
                    el("span", { class: "j-grow" }),
                    this.speedButton.root,
                    this.volume(),
                    journal.config.rights.download && this.download(),
                ),
                several ? null : this.who,
            );
            this.setSpeed(this.speed);
            this.showPlaying();
        }

        partLabels() {
            return el(
                "div",
                { class: "j-parts" },
                this.parts.map((part, index) =>
                    el(
                        "button",
                        {
                            type: "button",
                            class: `j-part ${part.playable ? "" : "is-missing"}`,
                            style: `flex-grow: ${Math.max(part.seconds, this.length / 12)}`,
                            title: part.playable ? heardText(part) : t(`player.state.${part.state}`),
                            disabled: !part.playable,
                            onclick: () => this.load(index, 0, true),
                        },
                        heardText(part),
                    ),
                ),
            );
        }

        volume() {
            const button = journal.button(this.audio.volume ? "volume-up" : "volume-mute", t("player.volume"), null);
            const popover = journal.popover(
                button,
                () => {
                    const range = el("input", {
                        type: "range",
                        min: "0",
                        max: "1",
                        step: "0.05",
                        value: this.audio.volume,
                        "aria-label": t("player.volume"),
                    });
                    range.addEventListener("input", () => {
                        this.audio.volume = Number(range.value);
                        journal.remember("volume", this.audio.volume);
                        button.firstChild.className = `icon icon-${this.audio.volume ? "volume-up" : "volume-mute"}`;
                    });
                    return range;
                },
                "j-volume",
            );
            return popover.root;
        }

        download() {
            this.downloadLink = el(
                "a",
                {
                    class: "j-icon-button",
                    download: "",
                    title: t("player.download"),
                    "aria-label": t("player.download"),
                },
                journal.icon("download"),
            );
            return this.downloadLink;
        }

        bind() {
            const audio = this.audio;
            audio.addEventListener("timeupdate", () => this.showTime());
            audio.addEventListener("play", () => (this.showPlaying(), this.animate()));
            audio.addEventListener("pause", () => this.showPlaying());
            audio.addEventListener("ended", () => this.part(1, true));
            audio.addEventListener("error", () => {
                if (!this.shut && audio.getAttribute("src"))
                    journal.fill(this.who, el("span", { class: "is-error" }, t("player.failed")));
            });
            const seek = (event) => {
                const box = this.slider.getBoundingClientRect();
                this.seek(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * this.length);
            };
            this.slider.addEventListener("pointerdown", (event) => {
                this.slider.setPointerCapture(event.pointerId);
                this.slider.classList.add("is-dragged");
                seek(event);
            });
            this.slider.addEventListener("pointermove", (event) => {
                if (this.slider.hasPointerCapture(event.pointerId)) seek(event);
            });
            this.slider.addEventListener("pointerup", () => this.slider.classList.remove("is-dragged"));
            this.watcher = new ResizeObserver(() => this.paint());
            this.watcher.observe(this.canvas);
        }

        /** Where the strip stands, in seconds from its beginning. */
        get position() {
            return this.parts[this.current].before + (this.wanted !== null ? this.wanted : this.audio.currentTime || 0);
        }

        load(index, second, play) {
            const part = this.parts[index];
            if (!part || !part.playable) return;
            if (this.loaded !== index) {
                this.loaded = index;
                this.current = index;
                this.audio.src = part.url;
                this.audio.playbackRate = this.speed;
                if (this.downloadLink) this.downloadLink.href = `${part.url}?download=1`;
            }
            this.wanted = second;
            if (this.audio.readyState >= 1) this.apply();
            else this.audio.addEventListener("loadedmetadata", () => this.apply(), { once: true });
            if (play) this.audio.play().catch(() => this.showPlaying());
            this.showTime();
        }

        /* Whoever seeks wants to hear: the file may come. */
        fetch() {
            this.audio.preload = "metadata";
            if (this.audio.readyState < 1 && this.audio.networkState !== HTMLMediaElement.NETWORK_LOADING)
                this.audio.load();
        }

        apply() {
            if (this.wanted === null) return;
            this.audio.currentTime = this.wanted;
            this.audio.playbackRate = this.speed;
            this.wanted = null;
            this.showTime();
        }

        toggle() {
            if (!this.playable) return;
            if (this.audio.paused) this.audio.play().catch(() => this.showPlaying());
            else this.audio.pause();
        }

        leap(seconds) {
            if (this.playable) this.seek(this.position + seconds);
        }

        seek(second) {
            const goal = Math.min(Math.max(second, 0), Math.max(this.length - 0.2, 0));
            let index = this.parts.findIndex((part) => goal < part.before + part.seconds);
            if (index < 0) index = this.parts.length - 1;
            if (!this.parts[index].playable) return;
            this.load(index, goal - this.parts[index].before, !this.audio.paused);
            this.fetch();
        }

        /** Hear what was said at a moment (epoch ms). */
        seekMoment(moment, play) {
            if (!this.playable) return;
            const index = this.parts.findIndex(
                (part) => part.playable && moment < part.startedAt + part.seconds * 1000,
            );
            if (index >= 0) this.load(index, Math.max(0, (moment - this.parts[index].startedAt) / 1000), play);
        }

        part(step, onlyNext) {
            let index = this.current + step;
            while (this.parts[index] && !this.parts[index].playable) index += step;
            if (this.parts[index]) this.load(index, 0, onlyNext || !this.audio.paused);
        }

        setSpeed(speed) {
            this.speed = speed;
            this.audio.playbackRate = speed;
            this.speedButton.button.textContent = speedText(speed);
            journal.remember("speed", speed);
        }

        faster(step) {
            if (!this.playable) return;
            const index = SPEEDS.indexOf(this.speed) + step;
            if (SPEEDS[index]) this.setSpeed(SPEEDS[index]);
        }

        showPlaying() {
            const playing = !this.audio.paused;
            const label = t(playing ? "player.pause" : "player.play");
            journal.fill(this.playButton, journal.icon(playing ? "pause-fill" : "play-fill"));
            this.playButton.title = label;
            this.playButton.setAttribute("aria-label", label);
            this.root.classList.toggle("is-playing", playing);
        }

        showTime() {
            if (this.shut) return;
            const now = this.position;
            this.clock.textContent = `${journal.duration(now)} / ${journal.duration(this.length)}`;
            this.slider.setAttribute("aria-valuenow", String(Math.round(now)));
            this.slider.setAttribute("aria-valuetext", this.clock.textContent);
            const part = this.parts[this.current];
            if (this.heard !== part) {
                this.heard = part;
                this.who.textContent = heardText(part);
                for (const [index, label] of this.root.querySelectorAll(".j-part").entries()) {
                    label.setAttribute("aria-current", String(index === this.current));
                }
            }
            this.onTime(part.startedAt + (now - part.before) * 1000);
            this.paint();
        }

        /* The head moves smoothly while playing; timeupdate alone comes four times a second. */
        animate() {
            if (this.shut || this.audio.paused) return;
            this.paint();
            requestAnimationFrame(() => this.animate());
        }

        paint() {
            if (this.shut || !this.length) return;
            const strips = this.parts.map((part) => ({
                from: part.before / this.length,
                to: (part.before + part.seconds) / this.length,
                sides: part.sides,
            }));
            journal.drawWave(this.canvas, strips, this.position / this.length);
            this.slider.style.setProperty("--played", `${(100 * this.position) / this.length}%`);
        }

        async loadPeaks() {
            await Promise.all(
                this.parts
                    .filter((part) => part.playable)
                    .map(async (part) => {
                        const answer = await fetch(`${part.url}/peaks`, { credentials: "same-origin" }).catch(
                            () => null,
                        );
                        if (!answer || !answer.ok || answer.status === 204) return;
                        const sides = Number(answer.headers.get("X-Sides")) || 1;
                        part.sides = journal.readPeaks(new Uint8Array(await answer.arrayBuffer()), sides);
                    }),
            );
            this.paint();
        }

        close() {
            this.shut = true;
            if (!this.audio) return;
            this.audio.pause();
            this.audio.removeAttribute("src");
            this.audio.load();
            if (this.watcher) this.watcher.disconnect();
        }
    };

    function layOut(recordings) {
        let before = 0;
        return recordings.map((file) => {
            const wall = file.ended_at ? (Date.parse(file.ended_at) - Date.parse(file.started_at)) / 1000 : 0;
            const part = {
                ...file,
                url: `/recordings/${encodeURIComponent(file.recording_id)}`,
                playable: file.state === "present",
                startedAt: Date.parse(file.started_at),
                seconds: Math.max(file.sound_s || wall || 1, 0.1),
                before,
                sides: null,
            };
            before += part.seconds;
            return part;
        });
    }

    const heardText = (part) => (part.heard_text || []).join(" · ") || part.party || "";
    const speedText = (speed) => `${String(speed).replace(".", journal.config.locale === "ru" ? "," : ".")}×`;
})();
