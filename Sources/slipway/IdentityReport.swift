import Cryptography
import Posix
import TPM
import TPMState

/// What `slipway identity` tells: `slipway.identity/1`.
struct IdentityReport: Encodable {
  struct Endorsement: Encodable {
    let kind: String
    /// SHA-256 of the key's SubjectPublicKeyInfo, hexadecimal.
    let fingerprint: String
    /// nil: the TPM has no certificate for it.
    let subject: String?
    let issuer: String?
    /// `authority` or `list`: why it is believed; `refused`; `notChecked`: config.toml says nothing of that.
    let trust: String
    let refusal: String?
    /// NV indices, hexadecimal, where certificates are kept and which the TPM does not let anybody read without a password.
    let unread: [String]
  }

  struct Key: Encodable {
    /// As the TPM names it: 000b and the SHA-256 of its public area.
    let name: String
    let fingerprint: String
    /// `same`, `moved`, `cleared`, `damaged` or `unknown`.
    let state: String
  }

  let schema = "slipway.identity/1"
  let endorsementKey: Endorsement
  /// nil: none was made yet.
  let key: Key?
  /// What to do about a key that cannot be used.
  let remedy: String?

  /// - Parameter remedy: where the key cannot be used.
  init(
    _ endorsement: EndorsementKey, _ trust: Result<EndorsementTrust.Grounds, EndorsementRefusal>?,
    _ identity: (DeviceIdentity, DeviceIdentity.Verdict)?, remedy: String?
  ) throws(TPMError) {
    self.remedy = remedy
    let (word, refusal): (String, String?) =
      switch trust {
      case .success(let grounds): (grounds.rawValue, nil)
      case .failure(let refusal): ("refused", "\(refusal)")
      case nil: ("notChecked", nil)
      }
    endorsementKey = Endorsement(
      kind: endorsement.kind.rawValue, fingerprint: Hex.encode(try endorsement.fingerprint()),
      subject: endorsement.certificate?.subject, issuer: endorsement.certificate?.issuer, trust: word,
      refusal: refusal, unread: endorsement.unread.map { "0x0" + String($0, radix: 16) })
    guard let (identity, verdict) = identity else {
      key = nil
      return
    }
    key = Key(
      name: Hex.encode(try identity.key.area.name()), fingerprint: Hex.encode(try identity.key.fingerprint()),
      state: verdict.name)
  }

  /// For people.
  var lines: [String] {
    var lines = [
      "endorsement key: \(endorsementKey.kind), SHA-256 \(endorsementKey.fingerprint)",
      "  certificate:   \(endorsementKey.subject.map { $0.sanitized() } ?? "none in the TPM")",
    ]
    if let issuer = endorsementKey.issuer { lines.append("  issued by:     \(issuer.sanitized())") }
    if !endorsementKey.unread.isEmpty {
      lines.append(
        "  not read:      \(endorsementKey.unread.joined(separator: ", ")) (the TPM wants a password for them)")
    }
    lines.append("  trusted:       \(trust)")
    guard let key else { return lines + ["device key:      none yet ('slipway identity make')"] }
    lines += [
      "device key:      \(key.name)", "  fingerprint:   SHA-256 \(key.fingerprint)", "  state:         \(key.state)",
    ]
    return lines
  }
}

extension IdentityReport {
  private var trust: String {
    switch endorsementKey.trust {
    case "authority": "yes, by a maker's certificate"
    case "list": "yes, it is on the list"
    case "refused": "NO: \((endorsementKey.refusal ?? "").sanitized())"
    default: "not checked (config.toml, [tpm] authorities or endorsementKeys)"
    }
  }
}

extension DeviceIdentity.Verdict {
  fileprivate var name: String {
    switch self {
    case .same: "same"
    case .moved: "moved"
    case .cleared: "cleared"
    case .damaged: "damaged"
    case .unknown: "unknown"
    }
  }
}
