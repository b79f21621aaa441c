/** What the module exports; compiled by scripts/build-kernels.mjs to build/kernels.wasm. */
export { setSpill, packPanels, multiply } from './gemm'
export {
  attentionBlock, attentionBlockGradient, attentionBlockGradientWorkspace, attentionBlockWorkspace,
  feedForwardBlock, feedForwardBlockGradient, feedForwardBlockGradientWorkspace, feedForwardBlockWorkspace,
} from './blocks'
export { embed, embedGradient, head, headGradient, headGradientWorkspace, headWorkspace, sampleTokens } from './head'
export { decodeHead, decodeHeadWorkspace, decodeLayer, decodeLayerWorkspace } from './decode'
export { addLowRank, lowRankGradient } from './low-rank'
export { adamW, sumOfSquares } from './optimizer'
