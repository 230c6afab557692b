import { auth } from './auth';

export { auth as proxy };
