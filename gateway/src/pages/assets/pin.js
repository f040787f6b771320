// With script, a proof of work can be solved and the download offered here; without, the form goes its ordinary way.
import { check, sentence } from '/assets/check.js';
import { show } from '/assets/offers.js';

const at = id => document.getElementById(id), form = at('pin-form'), status = at('status'), button = form.querySelector('button');
form.addEventListener('submit', async event => {
  event.preventDefault();
  const code = form.pin.value.replace(/[\s.\-\u2011\u00a0\u202f]/g, '');
  if (at('problem')) at('problem').hidden = true;
  button.disabled = true;
  status.className = 'status';
  status.textContent = 'Checking the PIN…';
  try {
    const open = await check(code, () => { status.textContent = 'Many people are trying PINs just now; your browser is proving that you are not guessing…'; });
    at('heading').textContent = 'Your PIN is right';
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
