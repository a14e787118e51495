/** The style of every page: loads nothing, follows the person's colours, contrast and motion. */
export const style = `
:root{color-scheme:light dark;--page:#f3f4f1;--card:#fff;--ink:#1c2321;--soft:#55605c;--line:#dfe3de;
--good:#1d7a4c;--good-soft:#e2f3e8;--refused:#8f5a00;--refused-soft:#fbefd6;--bad:#b3302a;--bad-soft:#fbe6e3;
--neutral:#3d5a80;--neutral-soft:#e5ecf5}
@media (prefers-color-scheme:dark){:root{--page:#121614;--card:#1a201d;--ink:#eef2ef;--soft:#a9b5af;--line:#2c3531;
--good:#6bd49a;--good-soft:#173526;--refused:#f0bd62;--refused-soft:#3a2c10;--bad:#ff9a8f;--bad-soft:#431d1a;
--neutral:#9dbdea;--neutral-soft:#1d2b3e}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100svh;display:grid;place-items:center;padding:1.25rem;background:var(--page);
color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{width:100%;max-width:29rem;padding:2.75rem 2.25rem 2rem;background:var(--card);border:1px solid var(--line);
border-radius:1.25rem;box-shadow:0 1px 2px rgb(0 0 0/.04),0 18px 48px -16px rgb(0 0 0/.16);text-align:center}
.sign{display:grid;place-items:center;width:4.5rem;height:4.5rem;margin:0 auto 1.5rem;border-radius:50%}
.sign svg{width:2.25rem;height:2.25rem;fill:none;stroke:currentColor;stroke-width:2.5;stroke-linecap:round;
stroke-linejoin:round}
.good .sign{color:var(--good);background:var(--good-soft)}
.refused .sign{color:var(--refused);background:var(--refused-soft)}
.bad .sign{color:var(--bad);background:var(--bad-soft)}
.neutral .sign{color:var(--neutral);background:var(--neutral-soft)}
h1{margin:0 0 .75rem;font-size:1.625rem;line-height:1.25;font-weight:650;letter-spacing:-.015em;text-wrap:balance}
p{margin:0;text-wrap:balance;overflow-wrap:anywhere}
strong{font-weight:600}
.next{margin-top:1.75rem;padding-top:1.25rem;border-top:1px solid var(--line);color:var(--soft);font-size:.9375rem}
:focus-visible{outline:3px solid var(--neutral);outline-offset:4px}
@media (max-width:30rem){main{padding:2.25rem 1.5rem 1.75rem}}
@media (forced-colors:active){main,.sign{border:1px solid CanvasText}}
@media (prefers-reduced-motion:no-preference){
main{animation:rise .4s cubic-bezier(.2,.7,.2,1)}
.sign svg path{stroke-dasharray:1;animation:draw .45s .15s ease-out backwards}
@keyframes rise{from{opacity:0;transform:translateY(.5rem)}}
@keyframes draw{from{stroke-dashoffset:1}}}
`
