// The code stands in the fragment, which no server and no log ever sees by itself.
import { check, sentence } from '/assets/check.js';
import { show } from '/assets/offers.js';
import { words } from '/assets/words.js';

const at = id => document.getElementById(id), status = at('status');
const fragment = decodeURIComponent(location.hash.slice(1)), code = fragment.split('.')[0];
// The same link in another language.
for (const language of document.querySelectorAll('nav a')) language.hash = location.hash;
if (!code) {
  location.replace('/');
} else {
  status.textContent = words['checking-link'];
  check(code, () => { status.textContent = words.proving; }).then(open => {
    status.textContent = '';
    show(open);
  }).catch(error => {
    at('heading').textContent = words['link-heading'];
    const over = { 'code.expired': words['link-expired'], 'code.used': words['link-used'] }[error && error.code];
    status.textContent = over || sentence(error);
    // The PIN of a link that is over is over as well.
    at('other').hidden = Boolean(over);
    status.className = 'problem';
  });
}
