// The code stands in the fragment, which no server and no log ever sees by itself.
import { check, sentence } from '/assets/check.js';

const at = id => document.getElementById(id), status = at('status');
const fragment = decodeURIComponent(location.hash.slice(1)), code = fragment.split('.')[0];
if (!code) {
  location.replace('/');
} else {
  status.textContent = 'Checking the link…';
  check(code, () => { status.textContent = 'Checking the link; this takes a few seconds…'; }).then(open => {
    status.textContent = '';
    at('deep-link').href = open.deep_link;
    let mine;
    for (const offer of document.querySelectorAll('#others a')) {
      offer.href = '/download/' + encodeURIComponent(offer.dataset.system) + '/' + encodeURIComponent(open.file_stem + offer.dataset.extension);
      offer.download = '';
      if (offer.dataset.mine) mine = offer;
    }
    if (mine) {
      at('download').href = mine.href;
      at('download').download = '';
      at('download').textContent = 'Download for ' + mine.dataset.label;
      mine.remove();
    } else {
      at('download').parentElement.hidden = true;
      at('after').hidden = true;
    }
    at('others').hidden = document.querySelectorAll('#others a').length === 0;
    at('ready').hidden = false;
  }).catch(error => {
    at('heading').textContent = 'This link does not work';
    status.textContent = sentence(error);
    status.className = 'problem';
  });
}
