// Shows the downloads of a code that is open, on the page of the link and on that of the PIN.
import { words } from '/assets/words.js';

const at = id => document.getElementById(id);

export function show(open) {
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
    at('download').textContent = words.download.replace('{system}', mine.dataset.label);
    mine.remove();
  } else {
    at('download').parentElement.hidden = true;
    at('after').hidden = true;
  }
  at('others').hidden = document.querySelectorAll('#others a').length === 0;
  at('ready').hidden = false;
}
