// What the scripts say, in the language of the page.
export const words = JSON.parse(document.getElementById('words').textContent);
