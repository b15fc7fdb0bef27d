// Where the session's authority stands inside, and the variables that make programs trust it. Agents differ: some read
// one variable, some another, some only the system's bundle, so all of them are set and all bundles are covered.

/** The authority alone, PEM. */
export const authorityPath = "/etc/postern/authority.pem";
/** The system's own bundle with the authority after it, PEM. */
export const bundlePath = "/etc/postern/trust.pem";

/** For the environment inside. Most replace the program's own list, so they name the whole bundle. */
export const authorityVariables: Readonly<Record<string, string>> = {
  // Node and what is built on it: added to the compiled-in list
  NODE_EXTRA_CA_CERTS: authorityPath,
  NODE_USE_SYSTEM_CA: "1",
  // OpenSSL, Go, rustls-native-certs, Ruby
  SSL_CERT_FILE: bundlePath,
  // Codex: added to its own list
  CODEX_CA_CERTIFICATE: authorityPath,
  GIT_SSL_CAINFO: bundlePath,
  CURL_CA_BUNDLE: bundlePath,
  // Python: requests, pip, httpx
  REQUESTS_CA_BUNDLE: bundlePath,
  PIP_CERT: bundlePath,
  CARGO_HTTP_CAINFO: bundlePath,
  AWS_CA_BUNDLE: bundlePath,
  DENO_CERT: authorityPath,
  NIX_SSL_CERT_FILE: bundlePath,
  // gRPC's core, as Google's clients use it
  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: bundlePath,
  CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: bundlePath,
};
