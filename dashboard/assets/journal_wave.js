/* The waveform: both sides of a recording on one canvas, what was heard already in the accent colour. */
(function () {
    "use strict";

    const journal = window.callboardJournal;
    const BAR = 2;
    const GAP = 1;

    /** Unsigned bytes of all sides, one after the other, as arrays of 0..1. */
    journal.readPeaks = function (bytes, sides) {
        const length = Math.floor(bytes.length / Math.max(sides, 1));
        // The loudest moment of the file fills the strip: a quiet line is as readable as a loud one.
        const loudest = Math.max(
            24,
            bytes.reduce((most, value) => Math.max(most, value), 0),
        );
        return Array.from({ length: Math.max(sides, 1) }, (_, side) =>
            Array.from(bytes.subarray(side * length, (side + 1) * length), (value) => value / loudest),
        );
    };

    /**
     * Draw `parts` [{from, to (share of the strip), sides: [[0..1]] or null, present}] with `played` 0..1.
     *
     * The first side points up, the second down; one side alone is mirrored.
     */
    journal.drawWave = function (canvas, parts, played) {
        const ratio = window.devicePixelRatio || 1;
        const width = canvas.clientWidth;
        const height = canvas.clientHeight;
        if (!width || !height) return;
        if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
            canvas.width = Math.round(width * ratio);
            canvas.height = Math.round(height * ratio);
        }
        const pen = canvas.getContext("2d");
        pen.setTransform(ratio, 0, 0, ratio, 0, 0);
        pen.clearRect(0, 0, width, height);
        const colours = { up: painted(canvas, "up"), down: painted(canvas, "down"), rest: painted(canvas, "rest") };
        for (const part of parts) drawPart(pen, part, width, height, played * width, colours);
    };

    /* A canvas knows nothing of variables and themes: the colour as the style sheet works it out. */
    function painted(canvas, name) {
        canvas.style.color = `var(--wave-${name})`;
        return getComputedStyle(canvas).color;
    }

    function drawPart(pen, part, width, height, playedTo, colours) {
        const left = part.from * width;
        const right = part.to * width - (part.to < 1 ? 3 : 0);
        const middle = height / 2;
        const bars = Math.max(1, Math.floor((right - left) / (BAR + GAP)));
        for (let bar = 0; bar < bars; bar += 1) {
            const x = left + bar * (BAR + GAP);
            const up = level(part.sides && part.sides[0], bar, bars);
            const down = part.sides && part.sides[1] ? level(part.sides[1], bar, bars) : up;
            const heard = x <= playedTo;
            pen.fillStyle = heard ? colours.up : colours.rest;
            pen.fillRect(x, middle - 0.5 - up * (middle - 1), BAR, up * (middle - 1));
            pen.fillStyle = heard ? (part.sides && part.sides[1] ? colours.down : colours.up) : colours.rest;
            pen.fillRect(x, middle + 0.5, BAR, down * (middle - 1));
        }
    }

    /* The loudest of the peaks below one bar; a file without peaks is a thin line. */
    function level(peaks, bar, bars) {
        if (!peaks || !peaks.length) return 0.06;
        const from = Math.floor((bar * peaks.length) / bars);
        const to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / bars));
        let loudest = 0;
        for (let index = from; index < to; index += 1) loudest = Math.max(loudest, peaks[index]);
        return Math.max(0.06, loudest);
    }
})();
