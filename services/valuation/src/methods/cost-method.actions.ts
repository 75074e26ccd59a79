/** Cost methods, for those who value by them. */
export { keepMethod, methodsByCategory } from './cost-method.store.ts'
