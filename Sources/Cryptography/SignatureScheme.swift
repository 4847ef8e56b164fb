/// A kind of key together with the one way of signing that is used with it. The raw values are those of the TUF
/// specification, section 4.2.
public enum SignatureScheme: String, Sendable, CaseIterable {
  case ed25519 = "ed25519"
  case ecdsaP256 = "ecdsa-sha2-nistp256"
  case ecdsaP384 = "ecdsa-sha2-nistp384"
  /// RSA of 2048 bits or more, PSS padding, MGF1 and message digest SHA-256.
  case rsaPSS = "rsassa-pss-sha256"
}
