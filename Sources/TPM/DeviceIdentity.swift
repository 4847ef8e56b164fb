import Cryptography
import TPMState

/// What ties a device to a TPM, as it is kept between starts.
public struct DeviceIdentity: Hashable, Sendable {
  public var key: DeviceKey
  /// Which endorsement key the device was enrolled with, and its fingerprint.
  public var endorsementKind: EndorsementKey.Kind
  public var endorsement: [UInt8]
  /// The name of the key that `key` is wrapped for.
  public var storageRoot: [UInt8]

  public init(
    key: DeviceKey, endorsementKind: EndorsementKey.Kind, endorsement: [UInt8], storageRoot: [UInt8]
  ) {
    self.key = key
    self.endorsementKind = endorsementKind
    self.endorsement = endorsement
    self.storageRoot = storageRoot
  }

  /// What a look at the TPM shows of what the identity rests on.
  public struct Sight: Hashable, Sendable {
    public var endorsement: [UInt8]
    public var storageRoot: [UInt8]

    public init(endorsement: [UInt8], storageRoot: [UInt8]) {
      self.endorsement = endorsement
      self.storageRoot = storageRoot
    }
  }

  public enum Verdict: Equatable, Sendable {
    case same
    /// Another TPM: the disk was moved, or the board was changed.
    case moved
    /// The same TPM, and its owner's seed was drawn anew: the key is lost.
    case cleared
    /// The same TPM, which refuses the key: its file is damaged. Nothing is to be concluded of the device.
    case damaged
    /// The TPM could not be asked. Nothing is to be concluded, and nothing to be changed.
    case unknown(TPMError)

    /// Whether the device has to be enrolled again.
    public var endsIdentity: Bool { self == .moved || self == .cleared }
  }

  /// Pure. Moved goes before cleared: another TPM has another seed, too.
  public func judge(_ sight: Result<Sight, TPMError>) -> Verdict {
    switch sight {
    case .failure(let error): error.code == .keyRefused ? .damaged : .unknown(error)
    case .success(let seen) where seen.endorsement != endorsement: .moved
    case .success(let seen) where seen.storageRoot != storageRoot: .cleared
    case .success: .same
    }
  }
}

extension TPMDevice {
  /// A new key, tied to this TPM.
  public func makeIdentity() throws(TPMError) -> DeviceIdentity {
    let endorsement = try endorsementKey()
    return DeviceIdentity(
      key: try makeDeviceKey(), endorsementKind: endorsement.kind, endorsement: try endorsement.fingerprint(),
      storageRoot: try storageRootName())
  }

  /// Looks whether `identity` is still of this TPM; the key is loaded only where all the rest agrees.
  ///
  /// - Throws: whatever keeps the TPM from answering; `keyRefused` when only the key itself does not fit.
  public func sight(of identity: DeviceIdentity) throws(TPMError) -> DeviceIdentity.Sight {
    let endorsement = try withEndorsementKey(identity.endorsementKind) { (_, area) throws(TPMError) in
      try area.publicKey().fingerprint()
    }
    let seen = DeviceIdentity.Sight(endorsement: endorsement, storageRoot: try storageRootName())
    guard identity.judge(.success(seen)) == .same else { return seen }
    try tryKey(identity.key)
    return seen
  }
}
