/** Cost methods, for those who value by them. */
export { keepMethod, methodsAt } from './cost-method.store.ts'
