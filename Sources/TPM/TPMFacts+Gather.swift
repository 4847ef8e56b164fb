import TPMState

extension TPMFacts {
  /// Opens the TPM and asks it, changing nothing. It blocks for as long as the TPM takes: the caller sets the bound.
  public static func gather(_ tcti: TCTI) -> TPMFacts {
    TPMFacts(tcti.description, Result { () throws(TPMError) in try look(tcti) })
  }

  private static func look(_ tcti: TCTI) throws(TPMError) -> TPMProperties {
    let device = try TPMDevice(tcti)
    let properties = try device.properties()
    try device.test()
    try properties.checkUsable()
    return properties
  }
}
