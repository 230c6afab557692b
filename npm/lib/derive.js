// An object that is another one but for some members. The other is left as it is; `instanceof` holds for both.

export function derive(original, members) {
  const own = (value) => ({ value, configurable: true, enumerable: true, writable: true });
  return Object.create(original, Object.fromEntries(Object.entries(members).map(([name, value]) => [name, own(value)])));
}
