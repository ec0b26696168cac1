use thumbprint_files::{About, Certificate, Contents, Refusal};

use crate::{Error, Thumbprint};

/// [`thumbprint_files::read`], with its refusal as an error that names the field.
pub(crate) fn read(bytes: &[u8], password: Option<&str>) -> Result<Contents, Error> {
    thumbprint_files::read(bytes, password).map_err(|refusal| refused(&refusal))
}

/// [`Contents::choose`], likewise.
pub(crate) fn choose<'a>(
    contents: &'a Contents,
    thumbprint: Option<&Thumbprint>,
) -> Result<&'a Certificate, Error> {
    let chosen = contents.choose(thumbprint.map(Thumbprint::as_str));
    chosen.map_err(|refusal| refused(&refusal))
}

fn refused(refusal: &Refusal) -> Error {
    let field = match refusal.about() {
        About::Password => "password",
        About::Choice => "thumbprint",
        _ => "certificate",
    };
    Error::input(field, refusal.problem(), refusal.remedy())
}
