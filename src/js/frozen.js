// A value from JSON that is handed out more than once: whoever holds it cannot change what the next one gets.

export function frozen(text) {
  return freeze(JSON.parse(text));
}

function freeze(value) {
  for (const name in value) {
    const member = value[name];
    if (typeof member === 'object' && member !== null) freeze(member);
  }
  return Object.freeze(value);
}
