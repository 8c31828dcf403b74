// What a browser must do by itself: keys, scrolling, moving times, files that are dropped or pasted.
window.sandboxPage = {
  point: {clientX: 0, clientY: 0},

  at(e) {
    const box = e.currentTarget.getBoundingClientRect();
    const byKey = e.detail === 0 && e.type === "click";
    this.point = byKey ? {clientX: box.left, clientY: box.bottom} : {clientX: e.clientX, clientY: e.clientY};
  },

  keys(e, emit) {
    if (e.isComposing) return;
    const choosing = document.querySelector(".dc-suggest.dc-choosing");
    const wanted = e.key === "Escape" || (e.key === "Enter" && !e.shiftKey)
      || (choosing && ["ArrowUp", "ArrowDown"].includes(e.key)) || (choosing && e.key === "Tab" && !e.shiftKey);
    if (!wanted) return;
    e.preventDefault();
    emit({key: e.key, value: e.target.value ?? ""});
  },

  rove(e) {
    const step = {ArrowDown: 1, ArrowUp: -1}[e.key];
    if (!step) return;
    const rows = [...e.currentTarget.querySelectorAll("button")];
    rows[(rows.indexOf(document.activeElement) + step + rows.length) % rows.length].focus();
    e.preventDefault();
    e.stopPropagation();
  },

  enterMenu() {
    const menus = document.querySelectorAll(".dc-popup");
    menus[menus.length - 1]?.querySelector("button")?.focus({preventScroll: true});
  },

  pick(id) { getElement(id).$refs.qRef.pickFiles(); },

  give(e, id) {
    const files = [...((e.clipboardData || e.dataTransfer)?.files ?? [])];
    if (!files.length) return;
    e.preventDefault();
    e.stopPropagation();
    getElement(id).$refs.qRef.addFiles(files);
  },

  openSide() { document.body.classList.add("dc-side-open"); document.querySelector(".dc-channel")?.focus(); },
  closeSide() { document.body.classList.remove("dc-side-open", "dc-members-open"); },
  toggleMembers() { document.body.classList.toggle(innerWidth < 1024 ? "dc-members-open" : "dc-no-members"); },

  ahead: 0,
  locale: [],
  tick() {
    const now = Date.now() + this.ahead;
    for (const time of document.querySelectorAll("time[data-style]")) {
      const words = this.words(new Date(time.dateTime), time.dataset.style, now);
      if (time.textContent !== words) time.textContent = words;
    }
  },

  words(at, style, now) {
    const say = (options) => new Intl.DateTimeFormat(this.locale, options).format(at);
    if (style === "R") return this.relative((at - now) / 1000);
    if (style === "posted") {
      const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 864e5);
      const hour = say({timeStyle: "short"});
      return days === 0 ? hour : days === 1 ? `Yesterday at ${hour}` : say({dateStyle: "short", timeStyle: "short"});
    }
    return say({
      t: {timeStyle: "short"}, T: {timeStyle: "medium"}, d: {dateStyle: "short"}, D: {dateStyle: "long"},
      f: {dateStyle: "long", timeStyle: "short"}, F: {dateStyle: "full", timeStyle: "short"},
    }[style]);
  },

  relative(seconds) {
    const spans = [["second", 1, 60], ["minute", 60, 60], ["hour", 3600, 24], ["day", 86400, 30], ["month", 2592000, 12], ["year", 31536000, Infinity]];
    const near = (length) => Math.round(Math.abs(seconds) / length);
    const [unit, length] = spans.find(([, span, most]) => near(span) < most);
    return new Intl.RelativeTimeFormat(this.locale).format(Math.sign(seconds) * near(length), unit);
  },

  follow() {
    const scroller = document.getElementById("dc-scroller");
    if (!scroller) return;
    let atEnd = true;
    let height = scroller.scrollHeight;
    const keep = () => {
      height = scroller.scrollHeight;
      if (atEnd) scroller.scrollTop = height;
    };
    scroller.addEventListener("scroll", () => {
      // What moved because the messages changed says nothing about where the reader wants to be.
      if (scroller.scrollHeight !== height) keep();
      else atEnd = height - scroller.scrollTop - scroller.clientHeight < 80;
    }, {passive: true});
    const watcher = new ResizeObserver(keep);
    for (const child of [scroller, ...scroller.children]) watcher.observe(child);
    this.toEnd = () => { atEnd = true; keep(); };
  },

  open(channel) {
    const button = document.querySelector(`.dc-channel[data-channel="${channel}"]`);
    button?.click();
    return button !== null;
  },

  jump(message) {
    const show = () => {
      const found = document.querySelector(`.dc-message[data-message="${message}"]`);
      found?.scrollIntoView({block: "center"});
      found?.classList.add("dc-jumped");
      return found !== null;
    };
    if (show()) return;
    const watcher = new MutationObserver(() => show() && watcher.disconnect());
    watcher.observe(document.body, {childList: true, subtree: true});
    setTimeout(() => watcher.disconnect(), 5000);
  },

  start() {
    document.body.classList.add("dc-ready");
    this.follow();
    setInterval(() => this.tick(), 1000);
    new MutationObserver(() => this.tick()).observe(document.getElementById("dc-messages"), {childList: true, subtree: true});
    this.tick();
    const reveal = (e) => {
      const spoiler = e.target.closest?.(".dc-spoiler");
      const place = e.target.closest?.(".dc-place");
      const link = e.target.closest?.(".dc-jump");
      if (e.type !== "click" && e.key !== "Enter") return;
      if (spoiler) spoiler.classList.add("shown");
      if (place) this.open(place.dataset.channel);
      if (link && e.type === "click" && this.open(link.dataset.channel)) {
        e.preventDefault();
        this.jump(link.dataset.message);
      }
    };
    document.addEventListener("click", reveal);
    document.addEventListener("keydown", reveal);
    document.addEventListener("keydown", (e) => {
      if (e.key === "Escape") this.closeSide();
      const turn = {ArrowLeft: ".dc-lightbox-back", ArrowRight: ".dc-lightbox-on"}[e.key];
      if (turn) document.querySelector(turn)?.click();
    });
  },
};
