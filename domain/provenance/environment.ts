/** Which variables of an attempt are worth keeping, and which must not be. */

/** What changes how a training computes, or which programs it finds. A shell's own affairs are not among them. */
const mattering =
  /^(PATH|LD_LIBRARY_PATH|LD_PRELOAD|LANG|LC_\w+|TZ|VIRTUAL_ENV|CONDA_(DEFAULT_ENV|PREFIX)|PYTHON\w*|(CUDA|CUBLAS|CUDNN|NVIDIA|NVTE|NCCL|GLOO|UCX|FI|HIP|ROCR|HSA|MIOPEN|PYTORCH|TORCH\w*|TRITON|TF|XLA|JAX|HF|HUGGINGFACE|TRANSFORMERS|DATASETS|TOKENIZERS|ACCELERATE|FSDP|DEEPSPEED|DS|MEGATRON|VLLM|SGLANG|FLASH_ATTENTION|BNB|BITSANDBYTES|OMP|MKL|KMP|OPENBLAS|NUMEXPR|MALLOC|RAY|VERL|TRL|LLAMA\w*|WANDB|MLFLOW|TRACKIO)_\w+)$/

/** The GPUs that an attempt holds are recorded as its slots. */
const recordedElsewhere = /^(CUDA_VISIBLE_DEVICES|NVIDIA_VISIBLE_DEVICES)$/

const secretName =
  /KEY|TOKEN(?!IZERS?_|IZERS?$)|SECRET|PASS(W|P|_|$)|CREDENTIAL|AUTH|COOKIE|PRIVATE|SIGNATURE|(^|_)(PAT|PWD|DSN|SAS|CERT|LICENSE)(_|$)/i

/** Forms of keys that services give out, an address with a password in it, and long random words. */
const secretValues = [
  /\b(sk|pk|rk)-[\w-]{16,}/,
  /\b(hf|ghp|gho|ghu|ghs|ghr|glpat|npm|pypi|xox[abeoprs]|dckr_pat|nvapi|gsk|tvly|r8|wandb_v\d|lsv2)[_-][\w-]{12,}/,
  /\bgithub_pat_\w{12,}/,
  /\b(AKIA|ASIA)[A-Z0-9]{12,}/,
  /\bAIza[\w-]{20,}/,
  /\beyJ[\w-]{8,}\.[\w-]{8,}/,
  /-----BEGIN/,
  /[a-z][a-z0-9+.-]*:\/\/[^\s/@]*:[^\s/@]+@/i,
  /[a-z][a-z0-9+.-]*:\/\/[^\s/@]{16,}@/i,
  /[?&](key|token|sig|signature|secret|password|access_token|api_key)=[^&\s]+/i,
  /\bBearer\s+\S+/i,
]
/** A path or a list has separators; a key of 24 characters and more is one word of letters and digits, mixed. */
const longWord = /(?<![\w/.-])(?=[\w+-]*\d)(?=[\w+-]*[A-Za-z])[A-Za-z0-9_+-]{24,}={0,2}(?![\w/.-])/

/** Whether nothing of a variable may be kept: by its name, or as its value looks like a key. */
export function looksSecret(name: string, value: string): boolean {
  return secretName.test(name) || secretValues.some((pattern) => pattern.test(value)) || longWord.test(value)
}

type Variables = Readonly<Record<string, string | undefined>>

/** Longer values are cut: nobody reads them, and each attempt would keep its own. */
const mostCharacters = 4000

/**
 * The variables of an environment that matter, sorted by name, and the names of those that matter and look secret. `all`: each one
 * matters, as the sweep sets them.
 */
export function variablesToKeep(
  environment: Variables,
  all = false,
): { kept: Record<string, string>; leftOut: string[] } {
  const entries = Object.entries(environment)
    .filter((entry): entry is [string, string] => entry[1] !== undefined)
    .filter(([name]) => (all || mattering.test(name)) && !recordedElsewhere.test(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    kept: Object.fromEntries(
      entries
        .filter(([name, value]) => !looksSecret(name, value))
        .map(([name, value]) => [name, value.length > mostCharacters ? `${value.slice(0, mostCharacters)}…` : value]),
    ),
    leftOut: entries.filter(([name, value]) => looksSecret(name, value)).map(([name]) => name),
  }
}
