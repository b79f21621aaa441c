/** What of Plotly is used here; its distributed bundles come without types. */
declare module 'plotly.js-cartesian-dist-min' {
  export type PlotFigure = { data: object[]; layout: object }
  export type PlotEvent = {
    points: { customdata?: unknown; pointNumber?: number | number[]; data: { customdata?: unknown } }[]
  }
  export type PlotElement = HTMLElement & {
    on: (event: 'plotly_hover' | 'plotly_unhover' | 'plotly_click', listener: (event: PlotEvent) => void) => void
  }
  export type Plotly = {
    react: (element: HTMLElement, data: object[], layout: object, config: object) => Promise<PlotElement>
    purge: (element: HTMLElement) => void
    toImage: (
      figure: PlotFigure,
      options: { format: string; width: number; height: number; scale?: number },
    ) => Promise<string>
  }
  const plotly: Plotly
  export default plotly
}
