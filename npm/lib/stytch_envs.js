// Stytch's own hosts, as the SDK names them.

export const test = 'https://test.stytch.com/';
export const live = 'https://api.stytch.com/';
