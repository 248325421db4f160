import { failure, type UserErrorDetails, userError } from "@twinview/config";
import { ShapeError } from "@twinview/core";
import { type BackboneConfig, type ForeignBackbone, foreignBackbone } from "@twinview/recipes";

/** A backbone's names in other libraries. Throws a user error of the given kind for a variant that those do not have. */
export const foreignOrRefuse = (
  { backbone, image }: { readonly backbone: BackboneConfig; readonly image: number },
  kind: "flags" | "weights",
  details: UserErrorDetails,
): ForeignBackbone => {
  try {
    return foreignBackbone(backbone, image);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw failure(userError(kind, "no other library has names for this variant of the backbone", { got: error.message, ...details }));
  }
};
