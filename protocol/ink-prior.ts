export const PRIOR = {
  step: { predictors: 6, scales: 16, share: 32, prior: Array(96).fill(1) },
  firstStep: { predictors: 6, scales: 16, share: 32, prior: Array(96).fill(1) },
  time: { predictors: 3, scales: 16, share: 32, prior: Array(48).fill(1) },
  firstTime: { predictors: 3, scales: 16, share: 32, prior: Array(48).fill(1) },
  pressure: { predictors: 3, scales: 16, share: 32, prior: Array(48).fill(1) },
  steady: { predictors: 3, scales: 16, share: 32, prior: Array(48).fill(1) },
  link: { predictors: 2, scales: 20, share: 64, prior: Array(40).fill(1) },
};
