export { GET } from '../ensured/route';
