/// Which of 100 groups a device is in for one version; a new version shuffles the groups.
public enum Bucket {
  /// A number from 0 to 99. A device takes a version when its bucket is below the percentage, so raising one only adds
  /// devices. `seed` is the device's own random bytes; `sha256` is passed in, since this module has no hash function.
  public static func number(
    seed: [UInt8], product: ProductID, version: SemanticVersion,
    sha256: (_ bytes: [UInt8]) throws -> [UInt8]
  ) rethrows -> Int {
    // Zero bytes end the texts, so that no two pairs of names read the same.
    let digest = try sha256(seed + [0] + Array(product.text.utf8) + [0] + Array(version.description.utf8))
    let number = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(number % 100)
  }
}
