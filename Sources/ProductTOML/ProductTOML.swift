// ProductTOML
