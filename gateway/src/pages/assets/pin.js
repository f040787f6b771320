// With script, a proof of work can be solved and the download offered here; without, the form goes its ordinary way.
import { check, sentence } from '/assets/check.js';
import { show } from '/assets/offers.js';
import { words } from '/assets/words.js';

const at = id => document.getElementById(id), form = at('pin-form'), status = at('status'), button = form.querySelector('button');
const separators = /[\s.\-\u2011\u00a0\u202f]/g;

// Digits stand in groups of three while they are typed, as the technician reads them out. What is changed in the middle is left alone.
form.pin.addEventListener('input', () => {
  const digits = form.pin.value.replace(separators, '');
  if (/^\d{0,9}$/.test(digits) && form.pin.selectionEnd === form.pin.value.length) form.pin.value = digits.replace(/(\d{3})(?=\d)/g, '$1 ');
});

form.addEventListener('submit', async event => {
  event.preventDefault();
  const code = form.pin.value.replace(separators, '');
  if (at('problem')) at('problem').hidden = true;
  button.disabled = true;
  status.className = 'status';
  status.textContent = words['checking-pin'];
  try {
    const open = await check(code, () => { status.textContent = words.proving; });
    at('heading').textContent = at('heading').dataset.right;
    form.hidden = at('next').hidden = true;
    status.textContent = '';
    show(open);
    at('download').focus();
  } catch (error) {
    status.textContent = sentence(error);
    status.className = 'problem';
    button.disabled = false;
    form.pin.focus();
  }
});
