export { GET } from '../../auth/route';
