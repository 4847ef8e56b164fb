import COpenSSL

/// The one-time set-up of libcrypto and its error queue.
enum Library {
  /// No configuration file is ever read: OPENSSL_CONF could otherwise load foreign code into a process that runs as root.
  static let isReady: Bool = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil) == 1

  static func prepare() throws(CryptographyError) {
    guard isReady else { throw CryptographyError(.failed, "initialization") }
    ERR_clear_error()
  }

  /// Empties this thread's error queue, oldest first.
  static func drainErrors() -> [(library: Int32, reason: Int32)] {
    var errors: [(library: Int32, reason: Int32)] = []
    while true {
      let code = ERR_get_error()
      if code == 0 { return errors }
      errors.append((shim_ERR_GET_LIB(code), shim_ERR_GET_REASON(code)))
    }
  }

  static func failure(_ operation: String) -> CryptographyError {
    let first = drainErrors().first
    let reason = first.map { " (library \($0.library), reason \($0.reason))" } ?? ""
    return CryptographyError(.failed, operation + reason)
  }
}
