export {
  applyVerdict,
  approvedSteps,
  expire,
  type JudgeContext,
  judge,
  openRequest,
  receive,
} from './request.js';
export { contentHash, sealPlan } from './seal.js';
