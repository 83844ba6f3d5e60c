/** Options with which a compiler runs other programs or looks into other folders. */
export const OPEN_OPTION = /^(-F|-pgm.*|-fplugin.*|-i.+|-I.+|-opt.*|-x.*|@.*)$/;

/** Words of options and extension fields that let code run at compile time. */
export const RUNS_CODE = /^(-X)?(TemplateHaskell|QuasiQuotes)$/;
