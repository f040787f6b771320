// The code stands in the fragment, which no server and no log ever sees by itself.
import { check, sentence } from '/assets/check.js';
import { show } from '/assets/offers.js';

const at = id => document.getElementById(id), status = at('status');
const fragment = decodeURIComponent(location.hash.slice(1)), code = fragment.split('.')[0];
if (!code) {
  location.replace('/');
} else {
  status.textContent = 'Checking the link…';
  check(code, () => { status.textContent = 'Checking the link; this takes a few seconds…'; }).then(open => {
    status.textContent = '';
    show(open);
  }).catch(error => {
    at('heading').textContent = 'This link does not work';
    status.textContent = sentence(error);
    status.className = 'problem';
  });
}
