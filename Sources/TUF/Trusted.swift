import Cryptography

/// One role's metadata whose signatures have been verified.
public struct Trusted<Role: RoleMetadata>: Sendable {
  public let metadata: Role
  /// SHA-256 of the file as received.
  public let sha256: SHA256Digest
  /// Whose signatures were counted.
  let authority: Authority
  let envelope: Envelope

  public var version: Int { metadata.version }
  /// Seconds since 1970.
  public var expires: Int64 { metadata.expires }

  /// Throws `malformed`, `signature`, `wrongType` or `unsupported`, naming `role`.
  init(verifying bytes: [UInt8], as role: String, by authority: Authority) throws(TUFError) {
    do throws(TUFError) {
      let envelope = try Envelope(parsing: bytes)
      // The signatures come first: nothing of an unsigned object is interpreted.
      try authority.check(envelope, role: role)
      try self.init(bytes, envelope, try Role(envelope.signed), authority)
    } catch {
      throw error.about(role)
    }
  }

  private init(_ bytes: [UInt8], _ envelope: Envelope, _ metadata: Role, _ authority: Authority) throws(TUFError) {
    do {
      sha256 = try Cryptography.sha256(bytes)
    } catch {
      throw TUFError(.unsupported, "\(error)")
    }
    self.envelope = envelope
    self.metadata = metadata
    self.authority = authority
  }
}

extension Trusted where Role == Root {
  /// Root that signs itself: the first trusted one (section 5.2), its own threshold checked.
  init(initial bytes: [UInt8]) throws(TUFError) {
    do throws(TUFError) {
      let envelope = try Envelope(parsing: bytes)
      let root = try Root(envelope.signed)
      let authority = try root.authority(of: .root)
      try authority.check(envelope, role: "root")
      try self.init(bytes, envelope, root, authority)
    } catch {
      throw error.about("root")
    }
  }

  /// Sections 5.3.4 and 5.3.5: the next root is signed by the thresholds of the old and of the new one, and its
  /// version is exactly one higher.
  func successor(_ bytes: [UInt8]) throws(TUFError) -> Trusted<Root> {
    let old = try metadata.authority(of: .root)
    _ = try Trusted<Root>(verifying: bytes, as: "root", by: old)
    let next = try Trusted<Root>(initial: bytes)
    guard next.version == version + 1 else {
      let code: TUFError.Code = next.version > version ? .wrongVersion : .rollback
      throw TUFError(
        code, role: "root", have: version, got: next.version,
        "version \(next.version) where \(version + 1) is expected")
    }
    return next
  }
}
