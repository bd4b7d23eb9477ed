// "g" and a letter go to a page: the letter stands on the menu entry (data-go). Pages may take keys first.
(function () {
    "use strict";
    var WAIT_MS = 1200;
    var armedUntil = 0;

    function isTyping(target) {
        return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    }

    document.addEventListener("keydown", function (event) {
        if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
            return;
        }
        // The letter of a Russian layout stands on the same key as its Latin one.
        var letter = /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : "";
        var entry = Date.now() < armedUntil && letter && document.querySelector('[data-go="' + letter + '"] a');
        armedUntil = letter === "g" && !entry ? Date.now() + WAIT_MS : 0;
        if (entry) {
            event.preventDefault();
            entry.click();
        }
    });
})();
