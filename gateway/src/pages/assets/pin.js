// With script, a proof of work can be solved before the form goes its ordinary way.
import { check, sentence } from '/assets/check.js';

const form = document.getElementById('pin-form'), status = document.getElementById('status'), button = form.querySelector('button');
let checked = false;
form.addEventListener('submit', async event => {
  if (checked) return;
  event.preventDefault();
  const code = form.pin.value.replace(/[\s.\-\u2011\u00a0\u202f]/g, '');
  button.disabled = true;
  status.textContent = 'Checking the PIN…';
  try {
    await check(code, () => { status.textContent = 'Many people are trying PINs just now; your browser is proving that you are not guessing…'; });
    checked = true;
    form.submit();
  } catch (error) {
    status.textContent = sentence(error);
    button.disabled = false;
    form.pin.focus();
  }
});
